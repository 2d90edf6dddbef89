-- Up Migration

-- One row per projection and generation. The rows of a batch and this checkpoint move in one transaction.
create table nova.projections (
  name text not null,
  generation int not null,
  -- The sequence's first value is taken when the sequence is made, so nothing is ever at 1.
  position bigint not null default 1,
  status text not null check (status in ('live', 'rebuilding', 'retired')),
  events_seen bigint not null default 0,
  -- A projection that cannot apply an event stops before it and says why; the others go on.
  failed_position bigint,
  failure text,
  updated_at timestamptz not null default now(),
  primary key (name, generation)
);
create unique index projections_one_live on nova.projections (name) where status = 'live';
grant select on nova.projections to nova_app;
grant select, update on nova.projections to nova_projector;

-- Later patches win, an explicit null included: {"state":"failed"} then {"state":"scraped"} is "scraped".
create aggregate nova.merge_patches (jsonb) (sfunc = jsonb_concat, stype = jsonb, initcond = '{}');

create table nova.articles_g1 (
  user_id text not null,
  article_id uuid not null,
  title text not null,
  guideline_sha256 text not null,
  guideline_size int not null,
  status text not null,
  expected_files text[] not null,
  rounds int not null,
  research_sha256 text,
  research_size int,
  compiled_at timestamptz,
  archived_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  stream_version int not null,
  primary key (user_id, article_id)
);
create index on nova.articles_g1 (user_id, created_at desc);

create table nova.article_sources_g1 (
  user_id text not null,
  article_id uuid not null,
  source int not null,
  kind text not null,
  origin text not null,
  url text,
  name text,
  title text,
  state text not null,
  reason text,
  detail text,
  retryable boolean,
  final_url text,
  markdown_sha256 text,
  markdown_size int,
  snapshot_sha256 text,
  retrieved_at timestamptz,
  query_number int,
  snippet text,
  published_at text,
  decision text,
  decision_reason text,
  chosen boolean not null,
  chosen_reason text,
  primary key (user_id, article_id, source)
);

create table nova.operations_g1 (
  user_id text not null,
  operation_id text not null,
  article_id uuid not null,
  tool text not null,
  status text not null,
  total int not null,
  succeeded int not null,
  failed int not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  primary key (user_id, operation_id)
);
create index on nova.operations_g1 (status, started_at) where status = 'running';

-- stream_version is the last event of the month's stream that this row has seen: admission counts the
-- events after it by itself, so a projection that lags never lets a call through.
create table nova.usage_g1 (
  user_id text not null,
  month text not null,
  tool text not null,
  calls bigint not null,
  refunds bigint not null,
  refusals bigint not null,
  completed bigint not null,
  failures bigint not null,
  items_ok bigint not null,
  items_failed bigint not null,
  duration_ms bigint not null,
  cost_usd double precision not null,
  stream_version int not null,
  primary key (user_id, month, tool)
);

create table nova.tool_calls_g1 (
  user_id text not null,
  call_id text not null,
  month text not null,
  tool text not null,
  article_id uuid,
  status text not null,
  called_at timestamptz not null,
  settled_at timestamptz,
  duration_ms bigint,
  code text,
  primary key (user_id, call_id)
);
create index on nova.tool_calls_g1 (called_at) where status = 'open';

-- Rights of a projection's table; a rebuild calls it for each new generation.
create function nova.open_projection_table(p_table regclass) returns void
language plpgsql set search_path = pg_catalog, nova as $$
begin
  execute format('alter table %s enable row level security', p_table);
  execute format('alter table %s force row level security', p_table);
  execute format(
    'create policy own_rows on %s for select to nova_app
       using (user_id = (select current_setting(''app.user_id'', true)))', p_table);
  execute format('create policy fold on %s to nova_projector using (true)', p_table);
  execute format('grant select on %s to nova_app', p_table);
  execute format('grant select, insert, update, delete on %s to nova_projector', p_table);
end $$;
revoke all on function nova.open_projection_table(regclass) from public;

-- Readers go through a view of the projection's name, so that a rebuild swaps in one commit.
create function nova.publish_projection(p_name text, p_table regclass) returns void
language plpgsql set search_path = pg_catalog, nova as $$
begin
  execute format(
    'create or replace view nova.%I with (security_invoker = true) as select * from %s',
    p_name, p_table);
  execute format('grant select on nova.%I to nova_app, nova_projector', p_name);
end $$;
revoke all on function nova.publish_projection(text, regclass) from public;

select nova.open_projection_table(format('nova.%I', name || '_g1')),
    nova.publish_projection(name, format('nova.%I', name || '_g1'))
  from unnest(array['articles', 'article_sources', 'operations', 'usage', 'tool_calls']) as name;
insert into nova.projections (name, generation, status)
  select name, 1, 'live'
  from unnest(array['articles', 'article_sources', 'operations', 'usage', 'tool_calls']) as name;

-- Admits a tool call or refuses it, and records which, in one statement under the lock of the month's
-- stream: of N callers at the limit exactly what is left gets through, whatever the number of servers.
create function nova.admit_tool_call(
  p_user text,
  p_month text,
  p_limit int,
  p_called_id text,
  p_called jsonb,
  p_refused_id text,
  p_refused jsonb,
  p_metadata jsonb
) returns table (admitted boolean, used bigint, version int, last_position bigint)
language plpgsql as $$
declare
  v_stream text := 'usage-' || p_user || '-' || p_month;
  v_used bigint;
begin
  perform set_config('app.user_id', p_user, true);
  insert into nova.streams values (p_user, v_stream, 0, null) on conflict do nothing;
  perform 1 from nova.streams s where s.user_id = p_user and s.stream_id = v_stream for update;

  -- One statement, one snapshot: what the projection has counted and the tail that it has not.
  select seen.counted + (
      select count(*) filter (where e.type = 'ToolCalled')
           - count(*) filter (where e.type = 'ToolCallRefunded')
      from nova.events e
      where e.user_id = p_user and e.stream_id = v_stream and e.stream_version > seen.stream_version
        and e.recorded_at >= (p_month || '-01T00:00:00Z')::timestamptz - interval '1 hour')
    into v_used
    from (
      select coalesce(sum(u.calls) - sum(u.refunds), 0)::bigint as counted,
             coalesce(max(u.stream_version), 0) as stream_version
      from nova.usage u where u.user_id = p_user and u.month = p_month
    ) as seen;

  if p_limit > 0 and v_used >= p_limit then
    return query select false, v_used, a.version, a.last_position from nova.append_one(
      p_user, v_stream, null, null, p_refused_id, 'ToolCallRefused', 1::smallint,
      p_refused || jsonb_build_object('used', v_used, 'limit', p_limit), p_metadata) a;
  else
    return query select true, v_used + 1, a.version, a.last_position from nova.append_one(
      p_user, v_stream, null, null, p_called_id, 'ToolCalled', 1::smallint, p_called, p_metadata) a;
  end if;
end $$;

-- Down Migration

drop function nova.admit_tool_call(text, text, int, text, jsonb, text, jsonb, jsonb);
drop view nova.articles, nova.article_sources, nova.operations, nova.usage, nova.tool_calls;
drop table nova.articles_g1, nova.article_sources_g1, nova.operations_g1, nova.usage_g1,
  nova.tool_calls_g1;
drop function nova.publish_projection(text, regclass);
drop function nova.open_projection_table(regclass);
drop aggregate nova.merge_patches (jsonb);
drop table nova.projections;
