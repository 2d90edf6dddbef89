-- Up Migration

-- One readable row per event. The sentence holds numbers, codes and our own words only, so that an erased
-- article leaves nothing of itself here and a rebuild says the same.
create table nova.audit_g1 (
  user_id text not null,
  position bigint not null,
  event_id text not null,
  recorded_at timestamptz not null,
  stream_id text not null,
  stream_version int not null,
  article_id uuid,
  type text not null,
  actor text,
  correlation_id text,
  causation_id text,
  call_id text,
  client text,
  summary text not null,
  primary key (user_id, position)
);
create index on nova.audit_g1 (user_id, correlation_id) where correlation_id is not null;
create index on nova.audit_g1 (event_id);

-- Days are UTC.
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

select nova.open_projection_table(format('nova.%I', name || '_g1')),
    nova.publish_projection(name, format('nova.%I', name || '_g1'))
  from unnest(array['audit', 'daily_activity']) as name;
insert into nova.projections (name, generation, status)
  select name, 1, 'live' from unnest(array['audit', 'daily_activity']) as name;

-- Down Migration

delete from nova.projections where name in ('audit', 'daily_activity');
drop view nova.audit, nova.daily_activity;
drop table nova.audit_g1, nova.daily_activity_g1;
