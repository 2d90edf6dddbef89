-- Up Migration

-- Nothing ever read the counters of a day, while every event was folded into them. Servers of before that still fold
-- them find no checkpoint, which they take as another worker's.
-- locks: the tables of one projection that no request reads
do $$
declare
  v_table text;
begin
  for v_table in
    select format('nova.%I', name || '_g' || generation) from nova.projections where name = 'daily_activity'
  loop
    execute format('drop table if exists %s cascade', v_table);
  end loop;
end $$;
delete from nova.projections where name = 'daily_activity';

-- Down Migration

create table nova.daily_activity_g1 (
  user_id text not null,
  day date not null,
  events bigint not null,
  articles bigint not null,
  sources_read bigint not null,
  sources_failed bigint not null,
  queries bigint not null,
  tool_calls bigint not null,
  refusals bigint not null,
  bytes bigint not null,
  primary key (user_id, day)
);
alter table nova.daily_activity_g1 enable row level security, force row level security;
insert into nova.projections (name, generation, status) values ('daily_activity', 1, 'live');
