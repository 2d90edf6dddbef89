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
create index on nova.operations_g1 (user_id) where status = 'running';

-- stream_version is the last event of the month's stream that this row has seen: admission counts the
-- events after it by itself, so a projection that lags never lets a call through.
create table nova.usage_g1 (
  user_id text not null,
  month text not null,
  tool text not null,
  calls bigint not null,
  refunds bigint not null,
  refusals bigint not null,
  units bigint not null,
  units_refunded bigint not null,
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
  weight int not null,
  status text not null,
  called_at timestamptz not null,
  settled_at timestamptz,
  duration_ms bigint,
  code text,
  primary key (user_id, call_id)
);
create index on nova.tool_calls_g1 (called_at) where status = 'open';
create index on nova.tool_calls_g1 (user_id, month) where status = 'open';

-- What a user may do, when it is not what everybody may. 0 is unlimited.
create table nova.plans_g1 (
  user_id text not null,
  calls_per_month int not null,
  calls_per_minute int not null,
  concurrent_operations int not null,
  weights jsonb not null,
  assigned_at timestamptz not null,
  stream_version int not null,
  primary key (user_id)
);

-- Answers of search providers and of models, and what they cost, by month. A failed query names no provider.
create table nova.provider_usage_g1 (
  user_id text not null,
  month text not null,
  provider text not null,
  answers bigint not null,
  pages bigint not null,
  cost_usd double precision not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  primary key (user_id, month, provider)
);

-- Personal API tokens. The secret is 256 random bits, so one round of SHA-256 is all it needs at rest.
create table nova.api_tokens_g1 (
  user_id text not null,
  token_id text not null,
  name text not null,
  scopes text[] not null,
  secret_sha256 text not null,
  issued_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  stream_version int not null,
  primary key (user_id, token_id)
);
create index on nova.api_tokens_g1 (token_id);

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

-- Row-level security of these tables is opened by nova.open_projection_table, as for later generations.
insert into nova.projections (name, generation, status)
  select name, 1, 'live' from unnest(array[
    'articles', 'article_sources', 'operations', 'usage', 'tool_calls', 'plans', 'provider_usage',
    'api_tokens', 'audit', 'daily_activity']) as name;

-- Down Migration

-- Later generations too, whatever a rebuild has made.
do $$
declare
  v_table text;
begin
  for v_table in select format('nova.%I', name || '_g' || generation) from nova.projections loop
    execute format('drop table if exists %s cascade', v_table);
  end loop;
end $$;
drop table nova.projections cascade;
