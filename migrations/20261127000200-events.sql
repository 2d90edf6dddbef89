-- Up Migration

-- Cache 1 is part of the proof in nova.append_one: a cached value would lie below its own floor.
create sequence nova.position_seq as bigint cache 1;
-- The first value is taken here, so that no event is ever at 1 and a checkpoint can begin there.
select nextval('nova.position_seq');

-- The arbiter of versions: a table partitioned by time cannot have a unique key without the time in it.
create table nova.streams (
  user_id text not null,
  stream_id text not null,
  version int not null,
  last_hash bytea,
  primary key (user_id, stream_id)
) with (fillfactor = 80);

create table nova.events (
  global_position bigint not null,
  user_id text not null,
  stream_id text not null,
  stream_version int not null,
  event_id text not null,
  type text not null,
  schema_version smallint not null,
  data jsonb not null,
  metadata jsonb not null,
  recorded_at timestamptz not null,
  -- See nova.content_hash and nova.chain_hash.
  data_hash bytea not null,
  hash bytea not null,
  -- Set when the personal data of the event was erased; its hash stays, so the chain stays whole.
  erased_at timestamptz,
  primary key (user_id, stream_id, stream_version, recorded_at)
) partition by range (recorded_at);
create index events_global_position on nova.events (global_position);
-- One small entry per erased article: every fold leaves out what belongs to one.
create index events_erased on nova.events (user_id, stream_id) where type = 'ArticleErased';

-- Catches what a wrong clock or a forgotten job would otherwise lose. An event id is stored once: each
-- month refuses a second one. A key over all months would need the time in it and refuse nothing;
-- `nova events verify` finds an id that two months share.
create table nova.events_default partition of nova.events default;
create unique index on nova.events_default (event_id);

-- A retried append answers as the first did. Forgotten after two days, when no client still retries.
create table nova.append_requests (
  user_id text not null,
  idempotency_key text not null,
  stream_id text not null,
  body_hash bytea not null,
  version int not null,
  position bigint not null,
  created_at timestamptz not null default now(),
  primary key (user_id, idempotency_key)
);

alter table nova.streams enable row level security, force row level security;
alter table nova.events enable row level security, force row level security;
alter table nova.append_requests enable row level security, force row level security;

-- Down Migration

drop table nova.append_requests, nova.events, nova.streams cascade;
drop sequence nova.position_seq;
