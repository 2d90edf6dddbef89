-- Up Migration

-- One row per research run.
create table nova.runs_g1 (
  user_id text not null,
  run_id text not null,
  article_id uuid not null,
  status text not null,
  -- The tool that it called last.
  step text,
  asks text,
  asks_about text,
  resumes_at timestamptz,
  started_at timestamptz not null,
  updated_at timestamptz not null,
  ended_at timestamptz,
  primary key (user_id, run_id)
);
create index on nova.runs_g1 (updated_at) where status = 'running';
create index on nova.runs_g1 (resumes_at) where status = 'paused';

insert into nova.projections (name, generation, status) values ('runs', 1, 'live');

-- Down Migration

-- Later generations too, whatever a rebuild has made.
do $$
declare
  v_table text;
begin
  for v_table in select format('nova.%I', name || '_g' || generation) from nova.projections where name = 'runs' loop
    execute format('drop table if exists %s cascade', v_table);
  end loop;
end $$;
delete from nova.projections where name = 'runs';
