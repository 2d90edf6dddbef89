-- Roles: neither superuser nor exempt from row-level security

role nova_analyst: login f, superuser f, bypassrls f
role nova_app: login f, superuser f, bypassrls f
role nova_keeper: login f, superuser f, bypassrls f
role nova_projector: login f, superuser f, bypassrls f
role nova_reader: login f, superuser f, bypassrls f

-- Sequences

sequence nova.position_seq as bigint, cache 1

-- Tables and their columns

table nova.api_token_uses
  user_id text not null
  token_id text not null
  last_used_at timestamp with time zone not null

table nova.api_tokens_g1
  user_id text not null
  token_id text not null
  name text not null
  scopes text[] not null
  secret_sha256 text not null
  issued_at timestamp with time zone not null
  expires_at timestamp with time zone
  revoked_at timestamp with time zone
  stream_version integer not null

table nova.append_requests
  user_id text not null
  idempotency_key text not null
  stream_id text not null
  body_hash bytea not null
  version integer not null
  position bigint not null
  created_at timestamp with time zone not null default now()

table nova.archived_streams
  user_id text not null
  stream_id text not null
  month date not null
  part text not null
  through_version integer not null
  last_hash bytea not null
  bodies text[] not null default '{}'::text[]

table nova.article_sources_g1
  user_id text not null
  article_id uuid not null
  source integer not null
  kind text not null
  origin text not null
  url text
  name text
  title text
  state text not null
  reason text
  detail text
  retryable boolean
  final_url text
  markdown_sha256 text
  markdown_size integer
  snapshot_sha256 text
  retrieved_at timestamp with time zone
  query_number integer
  snippet text
  published_at text
  decision text
  decision_reason text
  chosen boolean not null
  chosen_reason text

table nova.articles_g1
  user_id text not null
  article_id uuid not null
  title text not null
  guideline_sha256 text not null
  guideline_size integer not null
  status text not null
  expected_files text[] not null
  rounds integer not null
  research_sha256 text
  research_size integer
  compiled_at timestamp with time zone
  archived_at timestamp with time zone
  created_at timestamp with time zone not null
  updated_at timestamp with time zone not null
  stream_version integer not null

table nova.audit_g1
  user_id text not null
  position bigint not null
  event_id text not null
  recorded_at timestamp with time zone not null
  stream_id text not null
  stream_version integer not null
  article_id uuid
  type text not null
  actor text
  correlation_id text
  causation_id text
  call_id text
  client text
  summary text not null

table nova.contents
  user_id text not null
  sha256 text not null
  size integer not null
  media_type text not null
  body bytea not null
  created_at timestamp with time zone not null default now()
  put_at timestamp with time zone not null default now()

table nova.event_archives
  month date not null
  part text not null
  events bigint not null
  first_position bigint not null
  last_position bigint not null
  digest bytea not null
  archived_at timestamp with time zone not null default now()

table nova.events partition by RANGE (recorded_at)
  global_position bigint not null
  user_id text not null
  stream_id text not null
  stream_version integer not null
  event_id text not null
  type text not null
  schema_version smallint not null
  data jsonb not null
  metadata jsonb not null
  recorded_at timestamp with time zone not null
  data_hash bytea not null
  hash bytea not null
  erased_at timestamp with time zone

table nova.events_default
  global_position bigint not null
  user_id text not null
  stream_id text not null
  stream_version integer not null
  event_id text not null
  type text not null
  schema_version smallint not null
  data jsonb not null
  metadata jsonb not null
  recorded_at timestamp with time zone not null
  data_hash bytea not null
  hash bytea not null
  erased_at timestamp with time zone

table nova.issuer_keys
  issuer text not null
  spelled text not null
  jwks_uri text not null
  keys jsonb not null
  confirmed_at timestamp with time zone not null

table nova.operations_g1
  user_id text not null
  operation_id text not null
  article_id uuid not null
  tool text not null
  status text not null
  total integer not null
  succeeded integer not null
  failed integer not null
  started_at timestamp with time zone not null
  finished_at timestamp with time zone

table nova.plans_g1
  user_id text not null
  calls_per_month integer not null
  calls_per_minute integer not null
  concurrent_operations integer not null
  weights jsonb not null
  assigned_at timestamp with time zone not null
  stream_version integer not null

table nova.projections
  name text not null
  generation integer not null
  position bigint not null default 1
  status text not null
  events_seen bigint not null default 0
  failed_position bigint
  failure text
  updated_at timestamp with time zone not null default now()

table nova.provider_usage_g1
  user_id text not null
  month text not null
  provider text not null
  answers bigint not null
  pages bigint not null
  cost_usd double precision not null
  input_tokens bigint not null
  output_tokens bigint not null

table nova.runs_g1
  user_id text not null
  run_id text not null
  article_id uuid not null
  status text not null
  step text
  asks text
  asks_about text
  resumes_at timestamp with time zone
  started_at timestamp with time zone not null
  updated_at timestamp with time zone not null
  ended_at timestamp with time zone

table nova.streams with (fillfactor=80)
  user_id text not null
  stream_id text not null
  version integer not null
  last_hash bytea

table nova.tool_calls_g1
  user_id text not null
  call_id text not null
  month text not null
  tool text not null
  article_id uuid
  weight integer not null
  status text not null
  called_at timestamp with time zone not null
  settled_at timestamp with time zone
  duration_ms bigint
  code text

table nova.usage_g1
  user_id text not null
  month text not null
  tool text not null
  calls bigint not null
  refunds bigint not null
  refusals bigint not null
  units bigint not null
  units_refunded bigint not null
  completed bigint not null
  failures bigint not null
  items_ok bigint not null
  items_failed bigint not null
  duration_ms bigint not null
  cost_usd double precision not null
  stream_version integer not null

table nova.user_storage
  user_id text not null
  bytes bigint not null

-- Constraints

api_token_uses: api_token_uses_pkey PRIMARY KEY (user_id, token_id)
api_tokens_g1: api_tokens_g1_pkey PRIMARY KEY (user_id, token_id)
append_requests: append_requests_pkey PRIMARY KEY (user_id, idempotency_key)
archived_streams: archived_streams_month_part_fkey FOREIGN KEY (month, part) REFERENCES event_archives(month, part) ON DELETE CASCADE
archived_streams: archived_streams_pkey PRIMARY KEY (user_id, stream_id, month)
article_sources_g1: article_sources_g1_pkey PRIMARY KEY (user_id, article_id, source)
articles_g1: articles_g1_pkey PRIMARY KEY (user_id, article_id)
audit_g1: audit_g1_pkey PRIMARY KEY (user_id, "position")
contents: contents_pkey PRIMARY KEY (user_id, sha256)
event_archives: event_archives_part_check CHECK ((part = ANY (ARRAY['usage'::text, 'all'::text])))
event_archives: event_archives_pkey PRIMARY KEY (month, part)
events: events_pkey PRIMARY KEY (user_id, stream_id, stream_version, recorded_at)
events_default: events_default_pkey PRIMARY KEY (user_id, stream_id, stream_version, recorded_at)
issuer_keys: issuer_keys_pkey PRIMARY KEY (issuer)
operations_g1: operations_g1_pkey PRIMARY KEY (user_id, operation_id)
plans_g1: plans_g1_pkey PRIMARY KEY (user_id)
projections: projections_pkey PRIMARY KEY (name, generation)
projections: projections_status_check CHECK ((status = ANY (ARRAY['live'::text, 'rebuilding'::text, 'retired'::text])))
provider_usage_g1: provider_usage_g1_pkey PRIMARY KEY (user_id, month, provider)
runs_g1: runs_g1_pkey PRIMARY KEY (user_id, run_id)
streams: streams_pkey PRIMARY KEY (user_id, stream_id)
tool_calls_g1: tool_calls_g1_pkey PRIMARY KEY (user_id, call_id)
usage_g1: usage_g1_pkey PRIMARY KEY (user_id, month, tool)
user_storage: user_storage_pkey PRIMARY KEY (user_id)

-- Indexes

CREATE INDEX api_tokens_g1_token_id_idx ON nova.api_tokens_g1 USING btree (token_id);
CREATE INDEX articles_g1_user_id_created_at_idx ON nova.articles_g1 USING btree (user_id, created_at DESC);
CREATE INDEX audit_g1_event_id_idx ON nova.audit_g1 USING btree (event_id);
CREATE INDEX audit_g1_user_id_correlation_id_idx ON nova.audit_g1 USING btree (user_id, correlation_id) WHERE (correlation_id IS NOT NULL);
CREATE INDEX events_default_global_position_idx ON nova.events_default USING btree (global_position);
CREATE INDEX events_default_user_id_stream_id_idx ON nova.events_default USING btree (user_id, stream_id) WHERE (type = 'ArticleErased'::text);
CREATE INDEX events_erased ON ONLY nova.events USING btree (user_id, stream_id) WHERE (type = 'ArticleErased'::text);
CREATE INDEX events_global_position ON ONLY nova.events USING btree (global_position);
CREATE INDEX operations_g1_status_started_at_idx ON nova.operations_g1 USING btree (status, started_at) WHERE (status = 'running'::text);
CREATE INDEX operations_g1_user_id_idx ON nova.operations_g1 USING btree (user_id) WHERE (status = 'running'::text);
CREATE INDEX runs_g1_resumes_at_idx ON nova.runs_g1 USING btree (resumes_at) WHERE (status = 'paused'::text);
CREATE INDEX runs_g1_updated_at_idx ON nova.runs_g1 USING btree (updated_at) WHERE (status = 'running'::text);
CREATE INDEX tool_calls_g1_called_at_idx ON nova.tool_calls_g1 USING btree (called_at) WHERE (status = 'open'::text);
CREATE INDEX tool_calls_g1_user_id_month_idx ON nova.tool_calls_g1 USING btree (user_id, month) WHERE (status = 'open'::text);
CREATE UNIQUE INDEX api_token_uses_pkey ON nova.api_token_uses USING btree (user_id, token_id);
CREATE UNIQUE INDEX api_tokens_g1_pkey ON nova.api_tokens_g1 USING btree (user_id, token_id);
CREATE UNIQUE INDEX append_requests_pkey ON nova.append_requests USING btree (user_id, idempotency_key);
CREATE UNIQUE INDEX archived_streams_pkey ON nova.archived_streams USING btree (user_id, stream_id, month);
CREATE UNIQUE INDEX article_sources_g1_pkey ON nova.article_sources_g1 USING btree (user_id, article_id, source);
CREATE UNIQUE INDEX articles_g1_pkey ON nova.articles_g1 USING btree (user_id, article_id);
CREATE UNIQUE INDEX audit_g1_pkey ON nova.audit_g1 USING btree (user_id, "position");
CREATE UNIQUE INDEX contents_pkey ON nova.contents USING btree (user_id, sha256);
CREATE UNIQUE INDEX event_archives_pkey ON nova.event_archives USING btree (month, part);
CREATE UNIQUE INDEX events_default_event_id_idx ON nova.events_default USING btree (event_id);
CREATE UNIQUE INDEX events_default_pkey ON nova.events_default USING btree (user_id, stream_id, stream_version, recorded_at);
CREATE UNIQUE INDEX events_pkey ON ONLY nova.events USING btree (user_id, stream_id, stream_version, recorded_at);
CREATE UNIQUE INDEX issuer_keys_pkey ON nova.issuer_keys USING btree (issuer);
CREATE UNIQUE INDEX operations_g1_pkey ON nova.operations_g1 USING btree (user_id, operation_id);
CREATE UNIQUE INDEX plans_g1_pkey ON nova.plans_g1 USING btree (user_id);
CREATE UNIQUE INDEX projections_one_live ON nova.projections USING btree (name) WHERE (status = 'live'::text);
CREATE UNIQUE INDEX projections_pkey ON nova.projections USING btree (name, generation);
CREATE UNIQUE INDEX provider_usage_g1_pkey ON nova.provider_usage_g1 USING btree (user_id, month, provider);
CREATE UNIQUE INDEX runs_g1_pkey ON nova.runs_g1 USING btree (user_id, run_id);
CREATE UNIQUE INDEX streams_pkey ON nova.streams USING btree (user_id, stream_id);
CREATE UNIQUE INDEX tool_calls_g1_pkey ON nova.tool_calls_g1 USING btree (user_id, call_id);
CREATE UNIQUE INDEX usage_g1_pkey ON nova.usage_g1 USING btree (user_id, month, tool);
CREATE UNIQUE INDEX user_storage_pkey ON nova.user_storage USING btree (user_id);

-- Triggers

CREATE TRIGGER contents_added AFTER INSERT ON nova.contents REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_storage();
CREATE TRIGGER contents_removed AFTER DELETE ON nova.contents REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_storage();
CREATE TRIGGER events_append_only BEFORE DELETE OR UPDATE ON nova.events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_append_only BEFORE DELETE OR UPDATE ON nova.events_default FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Row-level security

api_token_uses: enabled t, forced t
api_tokens_g1: enabled t, forced t
append_requests: enabled t, forced t
archived_streams: enabled t, forced t
article_sources_g1: enabled t, forced t
articles_g1: enabled t, forced t
audit_g1: enabled t, forced t
contents: enabled t, forced t
event_archives: enabled f, forced f
events: enabled t, forced t
events_default: enabled f, forced f
issuer_keys: enabled f, forced f
operations_g1: enabled t, forced t
plans_g1: enabled t, forced t
projections: enabled f, forced f
provider_usage_g1: enabled t, forced t
runs_g1: enabled t, forced t
streams: enabled t, forced t
tool_calls_g1: enabled t, forced t
usage_g1: enabled t, forced t
user_storage: enabled t, forced t

-- Policies

api_token_uses: own_uses for all to nova_app using ((user_id = ( SELECT current_setting('app.user_id'::text, true) AS current_setting)))
api_tokens_g1: fold for all to nova_projector using (true)
api_tokens_g1: own_rows for select to nova_app using ((user_id = ( SELECT current_setting('app.user_id'::text, true) AS current_setting)))
api_tokens_g1: presented for select to nova_app using ((token_id = ( SELECT current_setting('app.token_id'::text, true) AS current_setting)))
append_requests: forget_requests for all to nova_projector using ((created_at < (now() - '2 days'::interval)))
append_requests: own_requests for all to nova_app using ((user_id = current_setting('app.user_id'::text, true)))
archived_streams: keep for all to nova_keeper using (true) with check (true)
archived_streams: own_archived for select to nova_app using ((user_id = ( SELECT current_setting('app.user_id'::text, true) AS current_setting)))
article_sources_g1: fold for all to nova_projector using (true)
article_sources_g1: own_rows for select to nova_app using ((user_id = ( SELECT current_setting('app.user_id'::text, true) AS current_setting)))
article_sources_g1: reading for select to nova_reader using (may_read(user_id))
articles_g1: counting for select to nova_analyst using (true)
articles_g1: fold for all to nova_projector using (true)
articles_g1: own_rows for select to nova_app using ((user_id = ( SELECT current_setting('app.user_id'::text, true) AS current_setting)))
articles_g1: reading for select to nova_reader using (may_read(user_id))
audit_g1: fold for all to nova_projector using (true)
audit_g1: own_rows for select to nova_app using ((user_id = ( SELECT current_setting('app.user_id'::text, true) AS current_setting)))
contents: keep for all to nova_keeper using (true) with check (true)
contents: own_contents for all to nova_app using ((user_id = ( SELECT current_setting('app.user_id'::text, true) AS current_setting)))
contents: reading for select to nova_reader using (may_read(user_id))
events: all_events for select to nova_projector using (true)
events: keep for all to nova_keeper using (true) with check (true)
events: own_events for all to nova_app using ((user_id = ( SELECT current_setting('app.user_id'::text, true) AS current_setting))) with check ((user_id = current_setting('app.user_id'::text, true)))
events: reading for select to nova_reader using (may_read(user_id))
operations_g1: fold for all to nova_projector using (true)
operations_g1: own_rows for select to nova_app using ((user_id = ( SELECT current_setting('app.user_id'::text, true) AS current_setting)))
plans_g1: counting for select to nova_analyst using (true)
plans_g1: fold for all to nova_projector using (true)
plans_g1: own_rows for select to nova_app using ((user_id = ( SELECT current_setting('app.user_id'::text, true) AS current_setting)))
provider_usage_g1: counting for select to nova_analyst using (true)
provider_usage_g1: fold for all to nova_projector using (true)
provider_usage_g1: own_rows for select to nova_app using ((user_id = ( SELECT current_setting('app.user_id'::text, true) AS current_setting)))
runs_g1: fold for all to nova_projector using (true)
runs_g1: own_rows for select to nova_app using ((user_id = ( SELECT current_setting('app.user_id'::text, true) AS current_setting)))
streams: keep for all to nova_keeper using (true) with check (true)
streams: own_streams for all to nova_app using ((user_id = current_setting('app.user_id'::text, true)))
tool_calls_g1: counting for select to nova_analyst using (true)
tool_calls_g1: fold for all to nova_projector using (true)
tool_calls_g1: own_rows for select to nova_app using ((user_id = ( SELECT current_setting('app.user_id'::text, true) AS current_setting)))
tool_calls_g1: reading for select to nova_reader using (may_read(user_id))
usage_g1: counting for select to nova_analyst using (true)
usage_g1: fold for all to nova_projector using (true)
usage_g1: own_rows for select to nova_app using ((user_id = ( SELECT current_setting('app.user_id'::text, true) AS current_setting)))
user_storage: keep for all to nova_keeper using (true) with check (true)
user_storage: own_storage for select to nova_app using ((user_id = ( SELECT current_setting('app.user_id'::text, true) AS current_setting)))

-- Grants on the schema

grant usage on schema nova to nova_analyst;
grant usage on schema nova to nova_app;
grant usage on schema nova to nova_keeper;
grant usage on schema nova to nova_projector;
grant usage on schema nova to nova_reader;
grant usage on schema nova_research to nova_reader;

-- Grants on tables, views and sequences

grant delete, insert, select on nova.archived_streams to nova_keeper;
grant delete, insert, select on nova.contents to nova_keeper;
grant delete, insert, select on nova.event_archives to nova_keeper;
grant delete, insert, select, update on nova.api_tokens_g1 to nova_projector;
grant delete, insert, select, update on nova.article_sources_g1 to nova_projector;
grant delete, insert, select, update on nova.articles_g1 to nova_projector;
grant delete, insert, select, update on nova.audit_g1 to nova_projector;
grant delete, insert, select, update on nova.operations_g1 to nova_projector;
grant delete, insert, select, update on nova.plans_g1 to nova_projector;
grant delete, insert, select, update on nova.provider_usage_g1 to nova_projector;
grant delete, insert, select, update on nova.runs_g1 to nova_projector;
grant delete, insert, select, update on nova.tool_calls_g1 to nova_projector;
grant delete, insert, select, update on nova.usage_g1 to nova_projector;
grant delete, select on nova.append_requests to nova_projector;
grant insert, select on nova.append_requests to nova_app;
grant insert, select on nova.contents to nova_app;
grant insert, select on nova.events to nova_app;
grant insert, select on nova.events to nova_keeper;
grant insert, select, update on nova.api_token_uses to nova_app;
grant insert, select, update on nova.issuer_keys to nova_app;
grant insert, select, update on nova.streams to nova_app;
grant insert, select, update on nova.streams to nova_keeper;
grant insert, select, update on nova.user_storage to nova_keeper;
grant select on nova.api_tokens to nova_app;
grant select on nova.api_tokens to nova_projector;
grant select on nova.api_tokens_g1 to nova_app;
grant select on nova.archived_streams to nova_app;
grant select on nova.article_sources to nova_app;
grant select on nova.article_sources to nova_projector;
grant select on nova.article_sources to nova_reader;
grant select on nova.article_sources_g1 to nova_app;
grant select on nova.article_sources_g1 to nova_reader;
grant select on nova.article_states to nova_analyst;
grant select on nova.article_states to nova_app;
grant select on nova.article_states to nova_projector;
grant select on nova.articles to nova_app;
grant select on nova.articles to nova_projector;
grant select on nova.articles to nova_reader;
grant select on nova.articles_g1 to nova_app;
grant select on nova.articles_g1 to nova_reader;
grant select on nova.audit to nova_app;
grant select on nova.audit to nova_projector;
grant select on nova.audit_g1 to nova_app;
grant select on nova.completion_by_status to nova_analyst;
grant select on nova.completion_by_status to nova_app;
grant select on nova.completion_by_status to nova_projector;
grant select on nova.contents to nova_reader;
grant select on nova.event_archives to nova_app;
grant select on nova.event_archives to nova_projector;
grant select on nova.events to nova_projector;
grant select on nova.events to nova_reader;
grant select on nova.monthly_calls to nova_analyst;
grant select on nova.monthly_calls to nova_app;
grant select on nova.monthly_calls to nova_projector;
grant select on nova.most_used_tools to nova_analyst;
grant select on nova.most_used_tools to nova_app;
grant select on nova.most_used_tools to nova_projector;
grant select on nova.operations to nova_app;
grant select on nova.operations to nova_projector;
grant select on nova.operations_g1 to nova_app;
grant select on nova.plans to nova_analyst;
grant select on nova.plans to nova_app;
grant select on nova.plans to nova_projector;
grant select on nova.plans_g1 to nova_analyst;
grant select on nova.plans_g1 to nova_app;
grant select on nova.projections to nova_app;
grant select on nova.provider_costs to nova_analyst;
grant select on nova.provider_costs to nova_app;
grant select on nova.provider_costs to nova_projector;
grant select on nova.provider_usage to nova_analyst;
grant select on nova.provider_usage to nova_app;
grant select on nova.provider_usage to nova_projector;
grant select on nova.provider_usage_g1 to nova_analyst;
grant select on nova.provider_usage_g1 to nova_app;
grant select on nova.runs to nova_app;
grant select on nova.runs to nova_projector;
grant select on nova.runs_g1 to nova_app;
grant select on nova.tool_calls to nova_analyst;
grant select on nova.tool_calls to nova_app;
grant select on nova.tool_calls to nova_projector;
grant select on nova.tool_calls to nova_reader;
grant select on nova.tool_calls_g1 to nova_analyst;
grant select on nova.tool_calls_g1 to nova_app;
grant select on nova.tool_calls_g1 to nova_reader;
grant select on nova.tool_health to nova_analyst;
grant select on nova.tool_health to nova_app;
grant select on nova.tool_health to nova_projector;
grant select on nova.usage to nova_analyst;
grant select on nova.usage to nova_app;
grant select on nova.usage to nova_projector;
grant select on nova.usage_g1 to nova_analyst;
grant select on nova.usage_g1 to nova_app;
grant select on nova.user_storage to nova_app;
grant select on nova.users_near_limit to nova_analyst;
grant select on nova.users_near_limit to nova_app;
grant select on nova.users_near_limit to nova_projector;
grant select on nova_research.articles to nova_reader;
grant select on nova_research.github_ingests to nova_reader;
grant select on nova_research.local_files to nova_reader;
grant select on nova_research.research_queries to nova_reader;
grant select on nova_research.scraped_research_urls to nova_reader;
grant select on nova_research.scraped_urls to nova_reader;
grant select on nova_research.sources to nova_reader;
grant select on nova_research.tool_call_usage to nova_reader;
grant select on nova_research.youtube_transcripts to nova_reader;
grant select, update on nova.projections to nova_projector;
grant select, update, usage on nova.position_seq to nova_keeper;
grant select, usage on nova.position_seq to nova_app;
grant select, usage on nova.position_seq to nova_projector;

-- Grants on functions

grant execute on function admit_call(text,text,integer,integer,integer,boolean,jsonb,jsonb,jsonb) to public;
grant execute on function answered_append(text,text,bytea) to public;
grant execute on function api_token_used(text,text) to public;
grant execute on function append(text,text,integer,text,text[],text[],smallint[],jsonb[],jsonb) to public;
grant execute on function append_each(jsonb) to public;
grant execute on function append_one(text,text,integer,text,text,text,smallint,jsonb,jsonb) to public;
grant execute on function append_streams(text,text[],integer[],integer[],text,text[],text[],smallint[],jsonb[],jsonb) to public;
grant execute on function arrived(bigint,integer) to public;
grant execute on function bodies_named_by(jsonb) to public;
grant execute on function body_text(text,text) to public;
grant execute on function chain_hash(bytea,bytea) to public;
grant execute on function content_hash(text,text,text,text,smallint,jsonb,bigint,bytea) to public;
grant execute on function count_storage() to nova_keeper;
grant execute on function create_event_month(date) to nova_keeper;
grant execute on function erase_article(text,uuid,integer,text,smallint,jsonb,jsonb) to nova_app;
grant execute on function erase_article(text,uuid,integer,text,smallint,jsonb,jsonb) to nova_keeper;
grant execute on function erased_data(text,jsonb,text) to public;
grant execute on function find_api_token(text) to public;
grant execute on function guard_call_open(text,jsonb) to public;
grant execute on function guard_operations_max(text,jsonb) to public;
grant execute on function is_counted(text) to public;
grant execute on function is_named(text,text) to public;
grant execute on function is_read(text) to public;
grant execute on function join_admission(text,jsonb,jsonb) to public;
grant execute on function leaving_streams(date,text,date) to public;
grant execute on function may_read(text) to public;
grant execute on function merge_patches(jsonb) to public;
grant execute on function plan_of(text,integer,integer,integer) to public;
grant execute on function put_content(text,text,text,bytea,bigint) to public;
grant execute on function read_stream(text,text,integer) to public;
grant execute on function refuse_change() to public;
grant execute on function row_id(text) to public;
grant execute on function safe_position() to public;
grant execute on function sweep_contents() to nova_keeper;
grant execute on function sweep_contents() to nova_projector;
grant execute on function take_back_version(text,text) to public;
grant execute on function unseen(text,text,text,timestamp with time zone) to public;
grant execute on function usage_now(text,text) to public;
grant execute on function weight_of(jsonb) to public;

-- Views

view nova.api_tokens (security_invoker=true) as
 SELECT user_id,
    token_id,
    name,
    scopes,
    secret_sha256,
    issued_at,
    expires_at,
    revoked_at,
    stream_version
   FROM api_tokens_g1;

view nova.article_sources (security_invoker=true) as
 SELECT user_id,
    article_id,
    source,
    kind,
    origin,
    url,
    name,
    title,
    state,
    reason,
    detail,
    retryable,
    final_url,
    markdown_sha256,
    markdown_size,
    snapshot_sha256,
    retrieved_at,
    query_number,
    snippet,
    published_at,
    decision,
    decision_reason,
    chosen,
    chosen_reason
   FROM article_sources_g1;

view nova.article_states (security_invoker=true) as
 SELECT user_id,
    article_id,
    status
   FROM articles_g1;

view nova.articles (security_invoker=true) as
 SELECT user_id,
    article_id,
    title,
    guideline_sha256,
    guideline_size,
    status,
    expected_files,
    rounds,
    research_sha256,
    research_size,
    compiled_at,
    archived_at,
    created_at,
    updated_at,
    stream_version
   FROM articles_g1;

view nova.audit (security_invoker=true) as
 SELECT user_id,
    "position",
    event_id,
    recorded_at,
    stream_id,
    stream_version,
    article_id,
    type,
    actor,
    correlation_id,
    causation_id,
    call_id,
    client,
    summary
   FROM audit_g1;

view nova.completion_by_status (security_invoker=true) as
 SELECT status,
    count(*) AS articles,
    ((count(*))::numeric / sum(count(*)) OVER ()) AS share
   FROM article_states
  GROUP BY status;

view nova.monthly_calls (security_invoker=true) as
 SELECT user_id,
    month,
    (sum((units - units_refunded)))::bigint AS used,
    (sum(calls))::bigint AS calls,
    (sum(refunds))::bigint AS refunds,
    (sum(refusals))::bigint AS refusals
   FROM usage
  GROUP BY user_id, month;

view nova.most_used_tools (security_invoker=true) as
 SELECT month,
    tool,
    (sum(calls))::bigint AS calls,
    count(*) FILTER (WHERE (calls > 0)) AS users,
    (sum(refunds))::bigint AS refunds,
    (sum(refusals))::bigint AS refusals,
    (sum((units - units_refunded)))::bigint AS used
   FROM usage
  GROUP BY month, tool;

view nova.operations (security_invoker=true) as
 SELECT user_id,
    operation_id,
    article_id,
    tool,
    status,
    total,
    succeeded,
    failed,
    started_at,
    finished_at
   FROM operations_g1;

view nova.plans (security_invoker=true) as
 SELECT user_id,
    calls_per_month,
    calls_per_minute,
    concurrent_operations,
    weights,
    assigned_at,
    stream_version
   FROM plans_g1;

view nova.provider_costs (security_invoker=true) as
 SELECT month,
    provider,
    (sum(answers))::bigint AS answers,
    (sum(pages))::bigint AS pages,
    sum(cost_usd) AS cost_usd,
    (sum(input_tokens))::bigint AS input_tokens,
    (sum(output_tokens))::bigint AS output_tokens
   FROM provider_usage
  GROUP BY month, provider;

view nova.provider_usage (security_invoker=true) as
 SELECT user_id,
    month,
    provider,
    answers,
    pages,
    cost_usd,
    input_tokens,
    output_tokens
   FROM provider_usage_g1;

view nova.runs (security_invoker=true) as
 SELECT user_id,
    run_id,
    article_id,
    status,
    step,
    asks,
    asks_about,
    resumes_at,
    started_at,
    updated_at,
    ended_at
   FROM runs_g1;

view nova.tool_calls (security_invoker=true) as
 SELECT user_id,
    call_id,
    month,
    tool,
    article_id,
    weight,
    status,
    called_at,
    settled_at,
    duration_ms,
    code
   FROM tool_calls_g1;

view nova.tool_health (security_invoker=true) as
 SELECT u.month,
    u.tool,
    u.calls,
    u.completed,
    u.failed,
    u.items_ok,
    u.items_failed,
    ((u.failed)::double precision / (NULLIF(u.calls, 0))::double precision) AS failed_share,
    c.p50_ms,
    c.p95_ms
   FROM (( SELECT usage.month,
            usage.tool,
            (sum(usage.calls))::bigint AS calls,
            (sum(usage.completed))::bigint AS completed,
            (sum(usage.failures))::bigint AS failed,
            (sum(usage.items_ok))::bigint AS items_ok,
            (sum(usage.items_failed))::bigint AS items_failed
           FROM usage
          GROUP BY usage.month, usage.tool) u
     LEFT JOIN ( SELECT tool_calls.month,
            tool_calls.tool,
            percentile_disc((0.5)::double precision) WITHIN GROUP (ORDER BY tool_calls.duration_ms) AS p50_ms,
            percentile_disc((0.95)::double precision) WITHIN GROUP (ORDER BY tool_calls.duration_ms) AS p95_ms
           FROM tool_calls
          WHERE (tool_calls.duration_ms IS NOT NULL)
          GROUP BY tool_calls.month, tool_calls.tool) c USING (month, tool));

view nova.usage (security_invoker=true) as
 SELECT user_id,
    month,
    tool,
    calls,
    refunds,
    refusals,
    units,
    units_refunded,
    completed,
    failures,
    items_ok,
    items_failed,
    duration_ms,
    cost_usd,
    stream_version
   FROM usage_g1;

view nova.users_near_limit (security_invoker=true) as
 SELECT user_id,
    month,
    used,
    calls_per_month,
    ((used)::double precision / (calls_per_month)::double precision) AS share
   FROM ( SELECT m.user_id,
            m.month,
            m.used,
            COALESCE(p.calls_per_month, (NULLIF(current_setting('app.calls_per_month'::text, true), ''::text))::integer, 100) AS calls_per_month
           FROM (monthly_calls m
             LEFT JOIN plans p USING (user_id))) limited
  WHERE ((calls_per_month > 0) AND ((used)::numeric >= (0.8 * (calls_per_month)::numeric)));

view nova_research.articles (security_invoker=true) as
 SELECT article_id AS id,
    user_id,
    title,
    body_text(user_id, guideline_sha256) AS guideline_text,
    status,
    ( SELECT jsonb_build_object('github_urls', COALESCE(jsonb_agg(s.url ORDER BY s.source) FILTER (WHERE (s.kind = 'github'::text)), '[]'::jsonb), 'youtube_videos_urls', COALESCE(jsonb_agg(s.url ORDER BY s.source) FILTER (WHERE (s.kind = 'youtube'::text)), '[]'::jsonb), 'other_urls', COALESCE(jsonb_agg(s.url ORDER BY s.source) FILTER (WHERE (s.kind = 'web'::text)), '[]'::jsonb), 'local_files', to_jsonb(a.expected_files)) AS jsonb_build_object
           FROM article_sources s
          WHERE ((s.user_id = a.user_id) AND (s.article_id = a.article_id) AND (s.origin = 'guideline'::text) AND (a.status <> 'created'::text))) AS extracted_urls,
    ( SELECT string_agg(format('## Query %s: %s

%s'::text, r.query_number, r.query, r.answer), '

'::text ORDER BY r.query_number) AS string_agg
           FROM nova_research.research_queries r
          WHERE ((r.user_id = a.user_id) AND (r.article_guideline_id = a.article_id) AND (r.answer IS NOT NULL))) AS perplexity_results,
    ( SELECT string_agg(format('- [%s](%s)%s'::text, s.title, s.url, ('
  '::text || s.snippet)), '
'::text ORDER BY s.source) AS string_agg
           FROM article_sources s
          WHERE ((s.user_id = a.user_id) AND (s.article_id = a.article_id) AND (s.origin = 'research'::text) AND (s.decision = 'kept'::text))) AS perplexity_results_selected,
    ( SELECT string_agg(s.url, '
'::text ORDER BY s.source) AS string_agg
           FROM article_sources s
          WHERE ((s.user_id = a.user_id) AND (s.article_id = a.article_id) AND s.chosen)) AS urls_to_scrape_from_research,
    body_text(user_id, research_sha256) AS research,
    created_at,
    updated_at
   FROM articles a;

view nova_research.github_ingests (security_invoker=true) as
 SELECT row_id(((('article-'::text || article_id) || '/source/'::text) || source)) AS id,
    user_id,
    article_id AS article_guideline_id,
    url AS github_url,
    body_text(user_id, markdown_sha256) AS gitingest_result,
    retrieved_at AS created_at
   FROM article_sources s
  WHERE ((origin = 'guideline'::text) AND (kind = 'github'::text) AND (state = 'scraped'::text));

view nova_research.local_files (security_invoker=true) as
 SELECT row_id(((('article-'::text || article_id) || '/source/'::text) || source)) AS id,
    user_id,
    article_id AS article_guideline_id,
    name AS filename,
    body_text(user_id, markdown_sha256) AS content,
    retrieved_at AS created_at
   FROM article_sources s
  WHERE (origin = 'file'::text);

view nova_research.research_queries (security_invoker=true) as
 SELECT row_id(((e.stream_id || '/query/'::text) || (q.item ->> 'query_number'::text))) AS id,
    e.user_id,
    (substr(e.stream_id, 9))::uuid AS article_guideline_id,
    ((q.item ->> 'query_number'::text))::integer AS query_number,
    ((e.data ->> 'round'::text))::integer AS round,
    (q.item ->> 'query'::text) AS query,
    (q.item ->> 'reason'::text) AS reason,
    (r.data ->> 'provider'::text) AS provider,
    body_text(e.user_id, ((r.data -> 'answer'::text) ->> 'sha256'::text)) AS answer,
    ((r.data ->> 'cost_usd'::text))::double precision AS cost_usd,
    e.recorded_at AS created_at
   FROM ((events e
     CROSS JOIN LATERAL jsonb_array_elements((e.data -> 'queries'::text)) q(item))
     LEFT JOIN LATERAL ( SELECT x.data
           FROM events x
          WHERE ((x.user_id = e.user_id) AND (x.stream_id = e.stream_id) AND (x.type = 'ResearchResultRecorded'::text) AND ((x.data -> 'query_number'::text) = (q.item -> 'query_number'::text)))
          ORDER BY x.stream_version DESC
         LIMIT 1) r ON (true))
  WHERE ((e.type = 'QueriesGenerated'::text) AND (e.stream_id ~~ 'article-%'::text) AND (e.erased_at IS NULL));

view nova_research.scraped_research_urls (security_invoker=true) as
 SELECT row_id(((('article-'::text || article_id) || '/source/'::text) || source)) AS id,
    user_id,
    article_id AS article_guideline_id,
    url,
    body_text(user_id, markdown_sha256) AS content,
    retrieved_at AS created_at
   FROM article_sources s
  WHERE ((origin = 'research'::text) AND (state = 'scraped'::text));

view nova_research.scraped_urls (security_invoker=true) as
 SELECT row_id(((('article-'::text || article_id) || '/source/'::text) || source)) AS id,
    user_id,
    article_id AS article_guideline_id,
    url,
    body_text(user_id, markdown_sha256) AS content,
    retrieved_at AS created_at
   FROM article_sources s
  WHERE ((origin = 'guideline'::text) AND (kind = 'web'::text) AND (state = 'scraped'::text));

view nova_research.sources (security_invoker=true) as
 SELECT row_id(((('article-'::text || article_id) || '/source/'::text) || source)) AS id,
    user_id,
    article_id AS article_guideline_id,
    source,
    kind,
    origin,
    COALESCE(url, name) AS url,
    final_url,
    title,
    snippet,
    published_at,
    query_number,
    state,
    reason,
    detail,
    retryable,
    decision,
    decision_reason,
    chosen,
    chosen_reason,
    markdown_size AS bytes,
    markdown_sha256,
    snapshot_sha256,
    retrieved_at AS created_at
   FROM article_sources s;

view nova_research.tool_call_usage (security_invoker=true) as
 SELECT row_id(('call/'::text || call_id)) AS id,
    user_id,
    tool AS tool_name,
    month AS year_month,
    called_at AS created_at
   FROM tool_calls c
  WHERE (status <> ALL (ARRAY['quota'::text, 'refunded'::text]));

view nova_research.youtube_transcripts (security_invoker=true) as
 SELECT row_id(((('article-'::text || article_id) || '/source/'::text) || source)) AS id,
    user_id,
    article_id AS article_guideline_id,
    url AS youtube_url,
    body_text(user_id, markdown_sha256) AS transcription,
    retrieved_at AS created_at
   FROM article_sources s
  WHERE ((origin = 'guideline'::text) AND (kind = 'youtube'::text) AND (state = 'scraped'::text));

-- Aggregates

aggregate merge_patches(jsonb): jsonb_concat, begins with {}

-- Functions

CREATE OR REPLACE FUNCTION nova.admit_call(p_user text, p_month text, p_default_month integer, p_default_minute integer, p_default_operations integer, p_free boolean, p_called jsonb, p_refused jsonb, p_metadata jsonb)
 RETURNS TABLE(refused text, used bigint, weight integer, calls_per_month integer, calls_per_minute integer, concurrent_operations integer, weights jsonb, wait_seconds integer)
 LANGUAGE plpgsql
AS $function$
declare
  v_stream text := 'usage-' || p_user || '-' || p_month;
  v_month_start timestamptz := (p_month || '-01T00:00:00Z')::timestamptz;
  v_now timestamptz;
  v_user_version int;
  v_version int;
  v_stretch int := 8;
  v_recent int := 0;
  v_next_at timestamptz;
  v_call record;
  v_event jsonb;
begin
  perform set_config('app.user_id', p_user, true);
  -- Held until the commit can be seen. The stream's row would do as well, at the price of two more writes.
  perform pg_advisory_xact_lock(hashtext('nova usage'), hashtext(v_stream));
  v_now := clock_timestamp();

  -- What nova.usage_now says, in sum, and without a look at the tail when there is none. One statement, so that
  -- what is counted and what is unseen are of one moment. What is appended meanwhile only gives back.
  select m.used + case when m.version > m.seen then (
        select coalesce(sum(case e.type
            when 'ToolCalled' then nova.weight_of(e.data)
            when 'ToolCallRefunded' then -nova.weight_of(e.data) end), 0)
          from nova.unseen('usage', p_user, v_stream, v_month_start - interval '1 hour') e)
      else 0 end,
      m.user_version, m.version
    into used, v_user_version, v_version
    from (
      select coalesce(sum(u.units - u.units_refunded), 0) as used, coalesce(max(u.stream_version), 0) as seen,
          (select s.version from nova.streams s where s.user_id = p_user and s.stream_id = v_stream) as version,
          (select s.version from nova.streams s
            where s.user_id = p_user and s.stream_id = 'user-' || p_user) as user_version
        from nova.usage u where u.user_id = p_user and u.month = p_month) m;

  calls_per_month := p_default_month;
  calls_per_minute := p_default_minute;
  concurrent_operations := p_default_operations;
  weights := '{}';
  if v_user_version is not null then
    select p.calls_per_month, p.calls_per_minute, p.concurrent_operations, p.weights
      into calls_per_month, calls_per_minute, concurrent_operations, weights
      from nova.plan_of(p_user, p_default_month, p_default_minute, p_default_operations) p;
  end if;
  weight := case when p_free then 0 else coalesce((weights->>(p_called->'data'->>'tool'))::int, 1) end;

  if weight > 0 and calls_per_month > 0 and used + weight > calls_per_month then
    refused := 'month';
  elsif weight > 0 and calls_per_minute > 0 then
    -- Newest first, and no further back than a minute, by stretches that double: of the whole month in
    -- order a kept plan would sort all.
    <<minute>>
    while v_version > 0 loop
      for v_call in
        select e.recorded_at, e.type = 'ToolCalled' and nova.weight_of(e.data) > 0 as counts
          from nova.events e
          where e.user_id = p_user and e.stream_id = v_stream
            and e.stream_version > v_version - v_stretch and e.stream_version <= v_version
            and e.recorded_at >= v_month_start - interval '1 hour'
            and e.recorded_at < v_now + interval '1 hour'
          order by e.stream_version desc
      loop
        exit minute when v_call.recorded_at <= v_now - interval '1 minute';
        if v_call.counts then
          v_recent := v_recent + 1;
          if v_recent = calls_per_minute then
            refused := 'minute';
            v_next_at := v_call.recorded_at + interval '1 minute';
            wait_seconds := greatest(1, ceil(extract(epoch from v_next_at - v_now)));
            exit minute;
          end if;
        end if;
      end loop;
      v_version := v_version - v_stretch;
      v_stretch := v_stretch * 2;
    end loop;
  end if;

  v_event := case when refused is null then p_called else p_refused end;
  perform nova.append_one(
    p_user, v_stream, null, null, v_event->>'id', v_event->>'type', (v_event->>'schema_version')::smallint,
    (v_event->'data') || jsonb_build_object('weight', weight) || case refused
      when 'month' then jsonb_build_object('reason', refused, 'used', used, 'limit', calls_per_month)
      when 'minute' then jsonb_build_object(
        'reason', refused, 'used', v_recent, 'limit', calls_per_minute,
        'resets_at', to_char(v_next_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
      else '{}' end,
    p_metadata);
  if refused is null then
    used := used + weight;
  end if;
  return next;
end $function$
;

CREATE OR REPLACE FUNCTION nova.answered_append(p_user text, p_key text, p_body_hash bytea, OUT version integer, OUT last_position bigint)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
declare
  v_request nova.append_requests;
begin
  select * into v_request from nova.append_requests r
    where r.user_id = p_user and r.idempotency_key = p_key;
  if v_request.body_hash <> p_body_hash then
    raise exception 'idempotency key reused' using errcode = 'NV002';
  end if;
  version := v_request.version;
  last_position := v_request.position;
end $function$
;

CREATE OR REPLACE FUNCTION nova.api_token_used(p_user text, p_token_id text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform set_config('app.user_id', p_user, true);
  insert into nova.api_token_uses as u values (p_user, p_token_id, now())
    on conflict (user_id, token_id) do update set last_used_at = excluded.last_used_at
      where u.last_used_at < excluded.last_used_at - interval '1 minute';
end $function$
;

CREATE OR REPLACE FUNCTION nova.append(p_user text, p_stream text, p_expected integer, p_key text, p_ids text[], p_types text[], p_schema_versions smallint[], p_data jsonb[], p_metadata jsonb, OUT version integer, OUT last_position bigint, OUT repeated boolean)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
declare
  v_acting_as text := set_config('app.user_id', p_user, true);
  v_count int := array_length(p_ids, 1);
  v_version int;
  v_hash bytea;
  v_body bytea := '';
  v_data_hashes bytea[] := '{}';
  v_hashes bytea[] := '{}';
  v_now timestamptz := clock_timestamp();
  v_now_us bigint := (extract(epoch from v_now) * 1000000)::bigint;
begin
  if v_count = 1 then
    select * into version, last_position, repeated from nova.append_one(
      p_user, p_stream, p_expected, p_key, p_ids[1], p_types[1], p_schema_versions[1], p_data[1], p_metadata);
    return;
  end if;

  for i in 1..v_count loop
    v_data_hashes[i] := sha256(convert_to(p_data[i]::text, 'UTF8'));
    v_body := v_body || v_data_hashes[i];
  end loop;

  -- The stream's row is taken before the key is looked up: of two retries at once the second waits here
  -- and then finds the first one's answer.
  if p_expected is null or p_expected = 0 then
    insert into nova.streams values (p_user, p_stream, 0, null) on conflict do nothing;
  end if;
  select s.version, s.last_hash into v_version, v_hash from nova.streams s
    where s.user_id = p_user and s.stream_id = p_stream for update;
  if p_key is not null then
    v_body := sha256(v_body || convert_to(p_types::text || e'\n' || p_stream, 'UTF8'));
    select * into version, last_position from nova.answered_append(p_user, p_key, v_body);
    repeated := version is not null;
    if repeated then
      return;
    end if;
  end if;
  if v_version is null or v_version <> p_expected then
    raise exception 'stream has moved on' using errcode = 'NV001', detail = p_stream;
  end if;

  for i in 1..v_count loop
    v_hash := nova.chain_hash(v_hash, nova.content_hash(
      p_user, p_stream, p_ids[i], p_types[i], p_schema_versions[i], p_metadata, v_now_us,
      v_data_hashes[i]));
    v_hashes[i] := v_hash;
  end loop;
  update nova.streams s set version = v_version + v_count, last_hash = v_hash
    where s.user_id = p_user and s.stream_id = p_stream;

  -- The floor under the positions taken next; see nova.append_one.
  perform pg_advisory_xact_lock_shared(
    (4554::bigint << 40) | pg_sequence_last_value('nova.position_seq'));
  with added as (
    insert into nova.events
      select nextval('nova.position_seq'), p_user, p_stream, v_version + e.n, e.id, e.type,
        e.schema_version, e.data, p_metadata, v_now, e.data_hash, e.hash
      from (
        select * from unnest(p_ids, p_types, p_schema_versions, p_data, v_data_hashes, v_hashes)
          with ordinality as u (id, type, schema_version, data, data_hash, hash, n)
        order by n) as e
      returning global_position)
  select max(global_position) into last_position from added;

  version := v_version + v_count;
  repeated := false;
  if p_key is not null then
    insert into nova.append_requests values (p_user, p_key, p_stream, v_body, version, last_position);
  end if;
end $function$
;

CREATE OR REPLACE FUNCTION nova.append_each(p_appends jsonb)
 RETURNS SETOF text
 LANGUAGE plpgsql
AS $function$
declare
  -- A stream that only one of the group needs is not waited for long.
  v_lock_timeout text := set_config('lock_timeout', '100ms', true);
  v_append record;
  v_answer text;
begin
  for v_append in
    select * from jsonb_to_recordset(p_appends) as (
      user_id text, stream_id text, expected int, key text, id text, type text, schema_version smallint,
      data jsonb, metadata jsonb, guard text, args jsonb, joins text)
  loop
    begin
      if v_append.joins is not null then
        execute format('select nova.%I($1, $2, $3)', 'join_' || v_append.joins)
          into v_answer using v_append.user_id, v_append.args, v_append.metadata;
        return next v_answer;
        continue;
      end if;
      if v_append.guard is not null then
        execute format('select nova.%I($1, $2)', 'guard_' || v_append.guard)
          using v_append.user_id, v_append.args;
      end if;
      return next nova.append_one(
        v_append.user_id, v_append.stream_id, v_append.expected, v_append.key, v_append.id, v_append.type,
        v_append.schema_version, v_append.data, v_append.metadata)::text;
    exception when others then
      return next null;
    end;
  end loop;
end $function$
;

CREATE OR REPLACE FUNCTION nova.append_one(p_user text, p_stream text, p_expected integer, p_key text, p_id text, p_type text, p_schema_version smallint, p_data jsonb, p_metadata jsonb, OUT version integer, OUT last_position bigint, OUT repeated boolean)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
declare
  v_acting_as text := set_config('app.user_id', p_user, true);
  v_now timestamptz := clock_timestamp();
  v_data_hash bytea := sha256(convert_to(p_data::text, 'UTF8'));
  v_hash bytea := nova.content_hash(
    p_user, p_stream, p_id, p_type, p_schema_version, p_metadata,
    (extract(epoch from v_now) * 1000000)::bigint, v_data_hash);
  v_body_hash bytea;
begin
  if p_key is not null then
    v_body_hash := sha256(v_data_hash || convert_to(p_type || e'\n' || p_stream, 'UTF8'));
  end if;

  -- Version and hash move in one write, which locks the row until the commit. The version is settled
  -- before a position is taken, so that a loser burns none.
  if p_expected > 0 then
    update nova.streams s set version = s.version + 1, last_hash = nova.chain_hash(s.last_hash, v_hash)
      where s.user_id = p_user and s.stream_id = p_stream and s.version = p_expected
      returning s.version, s.last_hash into version, v_hash;
  else
    insert into nova.streams as s values (p_user, p_stream, 1, nova.chain_hash(null, v_hash))
      on conflict (user_id, stream_id) do update set
        version = s.version + 1,
        last_hash = nova.chain_hash(s.last_hash, v_hash)
        where p_expected is null or s.version = 0
      returning s.version, s.last_hash into version, v_hash;
  end if;
  if version is null then
    -- The keys are read only where one was given: the role that erases gives none and may not read them.
    if p_key is not null then
      select * into version, last_position from nova.answered_append(p_user, p_key, v_body_hash);
      repeated := version is not null;
      if repeated then
        return;
      end if;
    end if;
    raise exception 'stream has moved on' using errcode = 'NV001', detail = p_stream;
  end if;

  -- A position is handed out before its transaction commits. The shared lock says, until the commit is
  -- visible, "a position above this one is on its way"; nova.safe_position reads these floors.
  perform pg_advisory_xact_lock_shared(
    (4554::bigint << 40) | pg_sequence_last_value('nova.position_seq'));
  last_position := nextval('nova.position_seq');

  if p_key is not null then
    insert into nova.append_requests values (p_user, p_key, p_stream, v_body_hash, version, last_position)
      on conflict do nothing;
    if not found then
      -- A retry, which the version did not show. Nobody has seen the version move: it is taken back.
      perform nova.take_back_version(p_user, p_stream);
      select * into version, last_position from nova.answered_append(p_user, p_key, v_body_hash);
      repeated := true;
      return;
    end if;
  end if;

  insert into nova.events values (
    last_position, p_user, p_stream, version, p_id, p_type, p_schema_version, p_data, p_metadata, v_now,
    v_data_hash, v_hash);
  repeated := false;
end $function$
;

CREATE OR REPLACE FUNCTION nova.append_streams(p_user text, p_streams text[], p_expected integer[], p_counts integer[], p_key text, p_ids text[], p_types text[], p_schema_versions smallint[], p_data jsonb[], p_metadata jsonb)
 RETURNS SETOF text
 LANGUAGE plpgsql
AS $function$
declare
  v_from int := 1;
  v_to int;
  v_repeated boolean;
  v_appended record;
begin
  for i in 1..array_length(p_streams, 1) loop
    v_to := v_from + p_counts[i] - 1;
    v_appended := nova.append(
      p_user, p_streams[i], p_expected[i], p_key || case when i = 1 then '' else '/' || i end,
      p_ids[v_from:v_to], p_types[v_from:v_to], p_schema_versions[v_from:v_to], p_data[v_from:v_to],
      p_metadata);
    if v_appended.repeated <> v_repeated then
      raise exception 'idempotency key reused' using errcode = 'NV002';
    end if;
    v_repeated := v_appended.repeated;
    v_from := v_to + 1;
    return next v_appended::text;
  end loop;
end $function$
;

CREATE OR REPLACE FUNCTION nova.arrived(p_after bigint, p_max integer, OUT looked bigint, OUT more boolean, OUT events bigint, OUT types text[])
 RETURNS record
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  v_safe bigint := nova.safe_position();
begin
  looked := greatest(p_after, least(v_safe, p_after + p_max));
  more := looked < v_safe;
  events := 0;
  if looked > p_after then
    select count(*), array_agg(distinct e.type) into events, types from nova.events e
      where e.global_position > p_after and e.global_position <= looked;
  end if;
end $function$
;

CREATE OR REPLACE FUNCTION nova.bodies_named_by(p_data jsonb)
 RETURNS SETOF text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select body #>> '{}' from jsonb_path_query(p_data, 'strict $.**.sha256') as body
$function$
;

CREATE OR REPLACE FUNCTION nova.body_text(p_user text, p_sha256 text)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
  select convert_from(c.body, 'UTF8') from nova.contents c
  where c.user_id = p_user and c.sha256 = p_sha256
$function$
;

CREATE OR REPLACE FUNCTION nova.bring_back_month(p_month date, p_part text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'nova'
AS $function$
declare
  v_leaf text := 'nova.events_' || to_char(p_month, 'YYYY_MM');
begin
  if to_regclass(v_leaf) is not null then
    execute format('lock table %s in share row exclusive mode', v_leaf);
    execute format('insert into %s_spare select * from %s', v_leaf, v_leaf);
  end if;
  delete from nova.event_archives where month = p_month and part = p_part;
  perform nova.put_month(p_month);
end $function$
;

CREATE OR REPLACE FUNCTION nova.chain_hash(p_before bytea, p_content bytea)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select sha256(coalesce(p_before, ''::bytea) || p_content)
$function$
;

CREATE OR REPLACE FUNCTION nova.content_hash(p_user text, p_stream text, p_id text, p_type text, p_schema_version smallint, p_metadata jsonb, p_recorded_us bigint, p_data_hash bytea)
 RETURNS bytea
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select sha256(p_data_hash || convert_to(
    p_user || e'\n' || p_stream || e'\n' || p_id || e'\n' || p_type || e'\n' || p_schema_version::text
      || e'\n' || p_metadata::text || e'\n' || p_recorded_us::text, 'UTF8'))
$function$
;

CREATE OR REPLACE FUNCTION nova.count_storage()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'nova'
AS $function$
begin
  insert into nova.user_storage as s
    select user_id, sum(case tg_op when 'INSERT' then size else -size end) from changed
      group by user_id order by user_id
    on conflict (user_id) do update set bytes = s.bytes + excluded.bytes;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION nova.create_event_month(p_month date)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'nova'
AS $function$
declare
  v_leaf text := 'events_' || to_char(p_month, 'YYYY_MM');
begin
  if to_regclass('nova.' || v_leaf) is not null then
    return;
  end if;
  execute format(
    'create table nova.%I partition of nova.events for values from (%L) to (%L)', v_leaf,
    p_month::text || ' 00:00:00+00', (p_month + interval '1 month')::date::text || ' 00:00:00+00');
  execute format('create unique index on nova.%I (event_id)', v_leaf);
end $function$
;

CREATE OR REPLACE FUNCTION nova.create_spare_month(p_month date)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'nova'
AS $function$
declare
  v_spare text := 'events_' || to_char(p_month, 'YYYY_MM') || '_spare';
begin
  execute format('create table nova.%I (like nova.events including all)', v_spare);
  execute format('create unique index on nova.%I (event_id)', v_spare);
  execute format(
    'alter table nova.%I add constraint of_month check (recorded_at >= %L and recorded_at < %L)', v_spare,
    p_month::text || ' 00:00:00+00', (p_month + interval '1 month')::date::text || ' 00:00:00+00');
  return 'nova.' || v_spare;
end $function$
;

CREATE OR REPLACE FUNCTION nova.ensure_event_partitions(months_ahead integer)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'nova'
AS $function$
begin
  for i in 0..months_ahead loop
    perform nova.create_event_month(
      (date_trunc('month', now() at time zone 'UTC') + make_interval(months => i))::date);
  end loop;
end $function$
;

CREATE OR REPLACE FUNCTION nova.erase_article(p_user text, p_article uuid, p_expected integer, p_id text, p_schema_version smallint, p_data jsonb, p_metadata jsonb)
 RETURNS TABLE(version integer, last_position bigint, events bigint, contents bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'nova'
AS $function$
declare
  v_stream text := 'article-' || p_article;
  v_bodies text[];
begin
  if p_user is distinct from current_setting('app.user_id', true) then
    raise exception 'acting as another user' using errcode = 'insufficient_privilege';
  end if;
  select a.version, a.last_position into version, last_position from nova.append(
    p_user, v_stream, p_expected, null, array[p_id], array['ArticleErased'], array[p_schema_version],
    array[p_data], p_metadata) a;
  v_bodies := array(
    select distinct body from nova.events e, nova.bodies_named_by(e.data) body
    where e.user_id = p_user and e.stream_id = v_stream);
  update nova.events e set data = nova.erased_data(e.type, e.data), erased_at = now()
    where e.user_id = p_user and e.stream_id = v_stream and e.type <> 'ArticleErased';
  get diagnostics events = row_count;
  delete from nova.contents c
    where c.user_id = p_user and c.sha256 = any (v_bodies) and c.put_at < now() - interval '10 minutes'
      and not nova.is_named(p_user, c.sha256);
  get diagnostics contents = row_count;
  return next;
end $function$
;

CREATE OR REPLACE FUNCTION nova.erased_data(p_type text, p_value jsonb, p_key text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
begin
  case jsonb_typeof(p_value)
    when 'object' then
      return coalesce(
        (select jsonb_object_agg(key, nova.erased_data(p_type, value, key)) from jsonb_each(p_value)), '{}');
    when 'array' then
      return coalesce(
        (select jsonb_agg(nova.erased_data(p_type, item, p_key) order by n)
          from jsonb_array_elements(p_value) with ordinality as list (item, n)), '[]');
    when 'string' then
      if p_key = 'sha256' then
        return to_jsonb(repeat('0', 64));
      end if;
      if p_key in (
          'article_id', 'operation_id', 'tool', 'outcome', 'by', 'kind', 'media_type', 'usage_month',
          'provider', 'converter', 'compiler', 'created_at', 'extracted_at', 'uploaded_at', 'started_at',
          'finished_at', 'cancelled_at', 'retrieved_at', 'failed_at', 'generated_at', 'recorded_at',
          'selected_at', 'chosen_at', 'compiled_at', 'archived_at', 'unarchived_at', 'erased_at', 'checked_at',
          'run_id', 'call_id', 'code', 'decision', 'decided_by', 'choices', 'begun_at', 'ended_at', 'paused_at',
          'resumed_at', 'resumes_at', 'rank', 'renamed_at', 'receiver', 'set_at', 'sent_at', 'tried_at')
        or (p_key = 'reason' and p_type in (
          'SourceFailed', 'ResearchQueryFailed', 'ResearchRunPaused', 'ResearchRunOutcomeNotSent')) then
        return p_value;
      end if;
      return '"ERASED"';
    else
      return p_value;
  end case;
end $function$
;

CREATE OR REPLACE FUNCTION nova.find_api_token(p_token_id text)
 RETURNS TABLE(user_id text, secret_sha256 text, scopes text[], expires_at timestamp with time zone, revoked boolean, last_used_at timestamp with time zone)
 LANGUAGE plpgsql
AS $function$
declare
  v_token nova.api_tokens;
begin
  perform set_config('app.token_id', p_token_id, true);
  select * into v_token from nova.api_tokens t where t.token_id = p_token_id;
  if not found then
    return;
  end if;
  perform set_config('app.user_id', v_token.user_id, true);
  return query
    select v_token.user_id, v_token.secret_sha256, v_token.scopes, v_token.expires_at,
      v_token.revoked_at is not null or s.version <> v_token.stream_version, u.last_used_at
    from nova.streams s
    left join nova.api_token_uses u on u.user_id = s.user_id and u.token_id = p_token_id
    where s.user_id = v_token.user_id and s.stream_id = 'token-' || p_token_id;
end $function$
;

CREATE OR REPLACE FUNCTION nova.guard_call_open(p_user text, p_args jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_acting_as text := set_config('app.user_id', p_user, true);
  v_call text := p_args->>'call_id';
  v_month text := p_args->>'month';
  v_stream text := 'usage-' || p_user || '-' || v_month;
  v_month_start timestamptz := (v_month || '-01T00:00:00Z')::timestamptz;
  v_ended boolean;
  v_to int;
  v_stretch int := 8;
begin
  -- Ends of one user's calls take turns here, and with the admissions, before any stream's row.
  perform pg_advisory_xact_lock(hashtext('nova usage'), hashtext(v_stream));
  select s.version into v_to from nova.streams s where s.user_id = p_user and s.stream_id = v_stream;
  while v_to > 0 and v_ended is null loop
    select e.type <> 'ToolCalled' into v_ended from nova.events e
      where e.user_id = p_user and e.stream_id = v_stream
        and e.stream_version > v_to - v_stretch and e.stream_version <= v_to
        and e.recorded_at >= v_month_start - interval '1 hour' and e.data->>'call_id' = v_call
      order by e.stream_version desc limit 1;
    v_to := v_to - v_stretch;
    v_stretch := v_stretch * 2;
  end loop;
  if v_ended is null then
    v_ended := exists (
      select from nova.tool_calls c
      where c.user_id = p_user and c.call_id = v_call and c.status <> 'open');
  end if;
  if v_ended then
    raise exception 'TOOL_CALL_ENDED' using errcode = 'NV100';
  end if;
end $function$
;

CREATE OR REPLACE FUNCTION nova.guard_operations_max(p_user text, p_args jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_acting_as text := set_config('app.user_id', p_user, true);
  v_running int;
begin
  -- Starts of one user take turns here, before any article's row.
  perform pg_advisory_xact_lock(hashtext('nova operations'), hashtext(p_user));
  select (select count(*) from nova.operations o where o.user_id = p_user and o.status = 'running')
      + count(*) filter (where e.type = 'OperationStarted')
      - count(*) filter (where e.type = 'OperationFinished')
    into v_running
    from nova.unseen('operations', p_user, null, '-infinity') e;
  if v_running >= (p_args->>'max')::int then
    raise exception 'OPERATIONS_TOO_MANY' using errcode = 'NV100', detail = p_args;
  end if;
end $function$
;

CREATE OR REPLACE FUNCTION nova.is_counted(p_projection text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select p_projection in ('usage', 'tool_calls', 'plans', 'provider_usage', 'articles')
$function$
;

CREATE OR REPLACE FUNCTION nova.is_named(p_user text, p_body text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (
      select from nova.events e, nova.bodies_named_by(e.data) body
      where e.user_id = p_user and e.stream_id like 'article-%' and body = p_body)
    or exists (
      select from nova.archived_streams a where a.user_id = p_user and p_body = any (a.bodies))
$function$
;

CREATE OR REPLACE FUNCTION nova.is_read(p_projection text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select p_projection in ('articles', 'article_sources', 'tool_calls')
$function$
;

CREATE OR REPLACE FUNCTION nova.join_admission(p_user text, p_args jsonb, p_metadata jsonb)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
begin
  return (select row_to_json(a)::text from nova.admit_call(
    p_user, p_args->>'month', (p_args->>'calls_per_month')::int, (p_args->>'calls_per_minute')::int,
    (p_args->>'concurrent_operations')::int, (p_args->>'free')::boolean, p_args->'called', p_args->'refused',
    p_metadata) a);
end $function$
;

CREATE OR REPLACE FUNCTION nova.leaving_streams(p_month date, p_part text, p_before date)
 RETURNS TABLE(user_id text, stream_id text)
 LANGUAGE sql
 STABLE
AS $function$
  select e.user_id, e.stream_id from nova.events e
  where e.recorded_at >= p_month::timestamp at time zone 'UTC'
    and e.recorded_at < (p_month + interval '1 month') at time zone 'UTC'
    and case p_part when 'usage' then e.stream_id like 'usage-%'
      else e.stream_id not like 'user-%' and e.stream_id not like 'token-%' end
  group by e.user_id, e.stream_id
  having p_part = 'usage' or not exists (
      select from nova.events x
      where x.user_id = e.user_id and x.stream_id = e.stream_id
        and (x.recorded_at < p_month::timestamp at time zone 'UTC'
          or x.recorded_at >= p_before::timestamp at time zone 'UTC'))
    and not exists (
      select from nova.operations o
      where o.user_id = e.user_id and 'article-' || o.article_id = e.stream_id and o.status = 'running')
$function$
;

CREATE OR REPLACE FUNCTION nova.may_read(p_user text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce(current_setting('app.user_id', true) in (p_user, '*'), false)
$function$
;

CREATE OR REPLACE FUNCTION nova.open_projection_table(p_table regclass)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'nova'
AS $function$
declare
  v_projection text := (select regexp_replace(relname, '_g\d+$', '') from pg_class where oid = p_table);
begin
  execute format('alter table %s enable row level security, force row level security', p_table);
  execute format('drop policy if exists own_rows on %s', p_table);
  execute format(
    'create policy own_rows on %s for select to nova_app
       using (user_id = (select current_setting(''app.user_id'', true)))', p_table);
  execute format('drop policy if exists fold on %s', p_table);
  execute format('create policy fold on %s to nova_projector using (true)', p_table);
  execute format('grant select on %s to nova_app', p_table);
  execute format('grant select, insert, update, delete on %s to nova_projector', p_table);
  if v_projection = 'api_tokens' then
    execute format('drop policy if exists presented on %s', p_table);
    execute format(
      'create policy presented on %s for select to nova_app
         using (token_id = (select current_setting(''app.token_id'', true)))', p_table);
  end if;
  if nova.is_read(v_projection) then
    execute format('drop policy if exists reading on %s', p_table);
    execute format('create policy reading on %s for select to nova_reader using (nova.may_read(user_id))', p_table);
    execute format('grant select on %s to nova_reader', p_table);
  end if;
  if nova.is_counted(v_projection) then
    perform nova.open_to_analyst(p_table, v_projection);
  end if;
end $function$
;

CREATE OR REPLACE FUNCTION nova.open_to_analyst(p_table regclass, p_projection text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'nova'
AS $function$
begin
  execute format('drop policy if exists counting on %s', p_table);
  execute format('create policy counting on %s for select to nova_analyst using (true)', p_table);
  execute format('grant select %s on %s to nova_analyst',
    case p_projection when 'articles' then '(user_id, article_id, status)' else '' end, p_table);
end $function$
;

CREATE OR REPLACE FUNCTION nova.plan_of(p_user text, p_default_month integer, p_default_minute integer, p_default_operations integer, OUT calls_per_month integer, OUT calls_per_minute integer, OUT concurrent_operations integer, OUT weights jsonb, OUT assigned boolean)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  v_stream text := 'user-' || p_user;
  v_version int;
  v_seen int;
  v_data jsonb;
begin
  select s.version into v_version from nova.streams s
    where s.user_id = p_user and s.stream_id = v_stream;
  if v_version is not null then
    select p.calls_per_month, p.calls_per_minute, p.concurrent_operations, p.weights, p.stream_version
      into calls_per_month, calls_per_minute, concurrent_operations, weights, v_seen
      from nova.plans p where p.user_id = p_user;
    if v_seen is distinct from v_version then
      select e.data into v_data from nova.unseen('plans', p_user, v_stream, '-infinity') e
        where e.type = 'PlanAssigned' order by e.stream_version desc limit 1;
      if v_data is not null then
        calls_per_month := v_data->'calls_per_month';
        calls_per_minute := v_data->'calls_per_minute';
        concurrent_operations := v_data->'concurrent_operations';
        weights := v_data->'weights';
      end if;
    end if;
  end if;
  assigned := calls_per_month is not null;
  calls_per_month := coalesce(calls_per_month, p_default_month);
  calls_per_minute := coalesce(calls_per_minute, p_default_minute);
  concurrent_operations := coalesce(concurrent_operations, p_default_operations);
  weights := coalesce(weights, '{}');
end $function$
;

CREATE OR REPLACE FUNCTION nova.publish_projection(p_name text, p_table regclass)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'nova'
AS $function$
begin
  begin
    execute format(
      'create or replace view nova.%I with (security_invoker = true) as select * from %s', p_name, p_table);
  exception when invalid_table_definition then
    -- A migration has changed the columns other than by adding some at the end.
    execute format('drop view nova.%I', p_name);
    execute format(
      'create view nova.%I with (security_invoker = true) as select * from %s', p_name, p_table);
  end;
  execute format('grant select on nova.%I to nova_app, nova_projector', p_name);
  if nova.is_read(p_name) then
    execute format('grant select on nova.%I to nova_reader', p_name);
  end if;
  if p_name = 'articles' then
    execute format(
      'create or replace view nova.article_states with (security_invoker = true) as
         select user_id, article_id, status from %s', p_table);
    grant select on nova.article_states to nova_analyst, nova_projector, nova_app;
  elsif nova.is_counted(p_name) then
    execute format('grant select on nova.%I to nova_analyst', p_name);
  end if;
end $function$
;

CREATE OR REPLACE FUNCTION nova.put_content(p_user text, p_sha256 text, p_media_type text, p_body bytea, p_max bigint)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_kept bigint;
begin
  perform from nova.contents c where c.user_id = p_user and c.sha256 = p_sha256;
  if not found and p_max > 0 then
    perform pg_advisory_xact_lock(hashtext('nova storage'), hashtext(p_user));
    select s.bytes into v_kept from nova.user_storage s where s.user_id = p_user;
    if coalesce(v_kept, 0) + octet_length(p_body) > p_max then
      raise exception 'STORAGE_FULL' using errcode = 'NV100', detail = json_build_object(
        'used', coalesce(v_kept, 0), 'size', octet_length(p_body), 'max', p_max);
    end if;
  end if;
  insert into nova.contents (user_id, sha256, size, media_type, body)
    values (p_user, p_sha256, octet_length(p_body), p_media_type, p_body)
    on conflict (user_id, sha256) do update set put_at = now()
      where contents.put_at < now() - interval '1 minute';
end $function$
;

CREATE OR REPLACE FUNCTION nova.put_month(p_month date)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'nova'
AS $function$
declare
  v_leaf text := 'events_' || to_char(p_month, 'YYYY_MM');
  v_spare text := v_leaf || '_spare';
  v_filled boolean;
begin
  lock table only nova.events in access exclusive mode;
  if to_regclass('nova.' || v_leaf) is not null then
    execute format('alter table nova.events detach partition nova.%I', v_leaf);
    execute format('drop table nova.%I', v_leaf);
  end if;
  execute format('select exists (select from nova.%I)', v_spare) into v_filled;
  if not v_filled then
    execute format('drop table nova.%I', v_spare);
    return;
  end if;
  execute format('alter table nova.%I rename to %I', v_spare, v_leaf);
  execute format(
    'alter table nova.events attach partition nova.%I for values from (%L) to (%L)', v_leaf,
    p_month::text || ' 00:00:00+00', (p_month + interval '1 month')::date::text || ' 00:00:00+00');
  execute format('alter table nova.%I drop constraint of_month', v_leaf);
end $function$
;

CREATE OR REPLACE FUNCTION nova.read_stream(p_user text, p_stream text, p_after integer)
 RETURNS SETOF text
 LANGUAGE plpgsql
AS $function$
declare
  v_months text;
begin
  perform set_config('app.user_id', p_user, true);
  return query
    select '[' || e.global_position || ',' || e.stream_version || ',' || to_json(e.event_id) || ','
      || to_json(e.type) || ',' || e.schema_version || ','
      || (date_part('epoch', e.recorded_at) * 1000000)::bigint / 1000 || ','
      || e.data || ',' || e.metadata || ']'
    from nova.events e
    where e.user_id = p_user and e.stream_id = p_stream and e.stream_version > p_after
    order by e.stream_version;
  -- After the events, whose lock keeps months from coming and going until the answer is given.
  select string_agg(to_char(a.month, 'YYYY-MM'), ', ' order by a.month) into v_months
    from nova.archived_streams a
    where a.user_id = p_user and a.stream_id = p_stream and a.through_version > p_after;
  if v_months is not null then
    raise exception 'HISTORY_ARCHIVED'
      using errcode = 'NV100', detail = json_build_object('months', v_months);
  end if;
end $function$
;

CREATE OR REPLACE FUNCTION nova.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'UPDATE' and current_user = 'nova_keeper' then
    if old.erased_at is null and new.erased_at is not null
        and new.data = nova.erased_data(old.type, old.data)
        and to_jsonb(new) - 'data' - 'erased_at' = to_jsonb(old) - 'data' - 'erased_at' then
      return new;
    end if;
  end if;
  raise exception 'events are append-only' using errcode = 'restrict_violation';
end $function$
;

CREATE OR REPLACE FUNCTION nova.row_id(p_name text)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select md5(p_name)::uuid
$function$
;

CREATE OR REPLACE FUNCTION nova.safe_position()
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
declare
  v_last bigint;
  v_floor bigint;
begin
  v_last := pg_sequence_last_value('nova.position_seq');
  select min(((classid::bigint << 32) | objid::bigint) & ((1::bigint << 40) - 1)) into v_floor
    from pg_locks
    where locktype = 'advisory' and objsubid = 1
      and database = (select oid from pg_database where datname = current_database())
      and ((classid::bigint << 32) | objid::bigint) >> 40 = 4554;
  return least(v_last, v_floor);
end $function$
;

CREATE OR REPLACE FUNCTION nova.sweep_contents()
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'nova'
AS $function$
declare
  v_swept bigint;
begin
  delete from nova.contents c using (
      select x.user_id, x.recorded_at from nova.events x
      where x.type = 'ArticleErased' and x.recorded_at > now() - interval '2 hours'
    ) as erased
    where c.user_id = erased.user_id and c.put_at < now() - interval '10 minutes'
      and c.put_at between erased.recorded_at - interval '10 minutes'
        and erased.recorded_at + interval '1 hour'
      and not nova.is_named(c.user_id, c.sha256);
  get diagnostics v_swept = row_count;
  return v_swept;
end $function$
;

CREATE OR REPLACE FUNCTION nova.take_back_version(p_user text, p_stream text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_hash bytea;
begin
  select e.hash into v_hash from nova.events e
    join nova.streams s using (user_id, stream_id)
    where s.user_id = p_user and s.stream_id = p_stream and e.stream_version = s.version - 1;
  update nova.streams s set version = s.version - 1, last_hash = v_hash
    where s.user_id = p_user and s.stream_id = p_stream and v_hash is not null;
  if not found then
    raise exception 'idempotency key reused' using errcode = 'NV002';
  end if;
end $function$
;

CREATE OR REPLACE FUNCTION nova.take_out_month(p_month date, p_part text, p_before date, p_events bigint, p_digest bytea)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'nova'
AS $function$
declare
  v_leaf text := 'nova.events_' || to_char(p_month, 'YYYY_MM');
  v_stored record;
begin
  execute format('lock table %s in share row exclusive mode', v_leaf);
  create temporary table leaving on commit drop as
    select * from nova.leaving_streams(p_month, p_part, p_before);
  analyze pg_temp.leaving;
  execute format(
    'select count(*) as events, sha256(string_agg(hash, '''' order by global_position)) as digest,
       min(global_position) as first_position, max(global_position) as last_position
     from %s join pg_temp.leaving using (user_id, stream_id)', v_leaf) into v_stored;
  if v_stored.events <> p_events or v_stored.digest is distinct from p_digest then
    raise exception 'the file is not what is stored' using errcode = 'NV004';
  end if;
  insert into nova.event_archives (month, part, events, first_position, last_position, digest)
    values (p_month, p_part, p_events, v_stored.first_position, v_stored.last_position, p_digest);
  execute format(
    'insert into nova.archived_streams (user_id, stream_id, month, part, through_version, last_hash, bodies)
     select user_id, stream_id, %L, %L, max(stream_version),
       (array_agg(hash order by stream_version desc))[1],
       array(select distinct body from %s e, nova.bodies_named_by(e.data) body
         where e.user_id = m.user_id and e.stream_id = m.stream_id and e.stream_id like ''article-%%'')
     from %s m join pg_temp.leaving using (user_id, stream_id) group by user_id, stream_id',
    p_month, p_part, v_leaf, v_leaf);
  execute format(
    'insert into %s select * from %s m where not exists (
       select from pg_temp.leaving l where l.user_id = m.user_id and l.stream_id = m.stream_id)',
    nova.create_spare_month(p_month), v_leaf);
  perform nova.put_month(p_month);
end $function$
;

CREATE OR REPLACE FUNCTION nova.unseen(p_projection text, p_user text, p_stream text, p_since timestamp with time zone)
 RETURNS SETOF events
 LANGUAGE plpgsql
 STABLE ROWS 10
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  v_checkpoint bigint := (
    select c.position from nova.projections c where c.name = p_projection and c.status = 'live');
  v_seen int;
  v_step int := 1;
begin
  -- The upper bounds of positions and versions exclude nothing. Of a range with two ends the planner takes a small
  -- part and uses its index, while one with an open end is a third to it, for which it would read the whole month.
  if p_stream is null then
    return query select * from nova.events e
      where e.user_id = p_user and e.global_position > v_checkpoint and e.global_position < 1::bigint << 62
        and e.recorded_at >= p_since and e.recorded_at < now() + interval '1 hour';
    return;
  end if;
  select s.version into v_seen from nova.streams s where s.user_id = p_user and s.stream_id = p_stream;
  while v_seen > 0 loop
    -- One that is archived, or older than p_since, is as good as folded.
    exit when not exists (
      select from nova.events e
      where e.user_id = p_user and e.stream_id = p_stream and e.stream_version = v_seen
        and e.global_position > v_checkpoint
        and e.recorded_at >= p_since and e.recorded_at < now() + interval '1 hour');
    v_seen := greatest(0, v_seen - v_step);
    v_step := v_step * 2;
  end loop;
  -- Most calls find nothing unseen.
  if v_step = 1 then
    return;
  end if;
  return query select * from nova.events e
    where e.user_id = p_user and e.stream_id = p_stream
      and e.stream_version > v_seen and e.stream_version < 2147483647
      and e.global_position > v_checkpoint
      and e.recorded_at >= p_since and e.recorded_at < now() + interval '1 hour';
end $function$
;

CREATE OR REPLACE FUNCTION nova.usage_now(p_user text, p_month text)
 RETURNS TABLE(tool text, calls bigint, refunds bigint, refusals bigint, units bigint, units_refunded bigint)
 LANGUAGE plpgsql
 STABLE ROWS 10
AS $function$
begin
  return query select c.tool, sum(c.calls)::bigint, sum(c.refunds)::bigint, sum(c.refusals)::bigint,
      sum(c.units)::bigint, sum(c.units_refunded)::bigint
  from (
    select u.tool, u.calls, u.refunds, u.refusals, u.units, u.units_refunded
      from nova.usage u where u.user_id = p_user and u.month = p_month
    union all
    select e.data->>'tool', (e.type = 'ToolCalled')::int, (e.type = 'ToolCallRefunded')::int,
        (e.type = 'ToolCallRefused')::int,
        case e.type when 'ToolCalled' then nova.weight_of(e.data) else 0 end,
        case e.type when 'ToolCallRefunded' then nova.weight_of(e.data) else 0 end
      from nova.unseen(
        'usage', p_user, 'usage-' || p_user || '-' || p_month,
        (p_month || '-01T00:00:00Z')::timestamptz - interval '1 hour') e
      where e.type in ('ToolCalled', 'ToolCallRefunded', 'ToolCallRefused')
  ) as c
  group by c.tool;
end $function$
;

CREATE OR REPLACE FUNCTION nova.weight_of(p_data jsonb)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select coalesce((p_data->>'weight')::int, 1)
$function$
;
