-- Up Migration

create schema nova;

-- The service acts as nova_app and the projection worker as nova_projector. Neither owns a table, is a
-- superuser or bypasses row-level security, so a forgotten condition in a query can leak nothing.
do $$
begin
  create role nova_app nologin nosuperuser nobypassrls;
exception when duplicate_object or unique_violation then null;
end $$;
do $$
begin
  create role nova_projector nologin nosuperuser nobypassrls;
exception when duplicate_object or unique_violation then null;
end $$;
grant nova_app, nova_projector to current_user;
grant usage on schema nova to nova_app, nova_projector;

-- Cache 1 is part of the proof in nova.append: a cached value would lie below its own floor.
create sequence nova.position_seq as bigint cache 1;
select nextval('nova.position_seq');
grant usage, select on sequence nova.position_seq to nova_app, nova_projector;

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
  primary key (user_id, stream_id, stream_version, recorded_at)
) partition by range (recorded_at);
create index events_global_position on nova.events (global_position);
create table nova.events_default partition of nova.events default;

-- Makes the partitions of this month and the ones ahead; the default partition catches what a stopped
-- clock or a forgotten job would otherwise lose.
create function nova.ensure_event_partitions(months_ahead int) returns void
language plpgsql security definer set search_path = pg_catalog, nova as $$
declare
  first_day date;
  partition_name text;
begin
  for i in 0..months_ahead loop
    first_day := (date_trunc('month', now() at time zone 'UTC') + make_interval(months => i))::date;
    partition_name := 'events_' || to_char(first_day, 'YYYY_MM');
    if to_regclass('nova.' || partition_name) is null then
      execute format(
        'create table nova.%I partition of nova.events for values from (%L) to (%L)',
        partition_name,
        first_day::text || ' 00:00:00+00',
        (first_day + interval '1 month')::date::text || ' 00:00:00+00'
      );
    end if;
  end loop;
end $$;
revoke all on function nova.ensure_event_partitions(int) from public;
select nova.ensure_event_partitions(2);

-- A retried append answers as the first did. Pruned after two days; see docs/adr.
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

create function nova.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'events are append-only' using errcode = 'restrict_violation';
end $$;
create trigger events_append_only before update or delete on nova.events
  for each row execute function nova.refuse_change();

alter table nova.streams enable row level security;
alter table nova.streams force row level security;
alter table nova.events enable row level security;
alter table nova.events force row level security;
alter table nova.append_requests enable row level security;
alter table nova.append_requests force row level security;

-- Events are read many at once, so the setting is taken once per statement; rows that are taken or written
-- singly are checked by themselves, which costs each of them less.
create policy own_streams on nova.streams to nova_app
  using (user_id = current_setting('app.user_id', true));
create policy own_events on nova.events to nova_app
  using (user_id = (select current_setting('app.user_id', true)))
  with check (user_id = current_setting('app.user_id', true));
create policy own_requests on nova.append_requests to nova_app
  using (user_id = current_setting('app.user_id', true));
create policy all_events on nova.events for select to nova_projector using (true);

grant select, insert, update on nova.streams to nova_app;
grant select, insert on nova.events to nova_app;
grant select, insert on nova.append_requests to nova_app;
grant select on nova.events to nova_projector;

-- Housekeeping: keys are forgotten after two days, when no client still retries.
create policy forget_requests on nova.append_requests to nova_projector
  using (created_at < now() - interval '2 days');
grant select, delete on nova.append_requests to nova_projector;

-- What an event says, as a hash: it stands for the data by its own hash, so that erasing the data leaves
-- the chain whole. Time is in microseconds since 1970, which every tool can compute. `stable`
-- and not `immutable`, because convert_to is: otherwise it is not inlined, which costs 5 µs an event.
create function nova.content_hash(
  p_user text, p_stream text, p_id text, p_type text, p_schema_version smallint, p_metadata jsonb,
  p_recorded_us bigint, p_data_hash bytea
) returns bytea language sql stable parallel safe as $$
  select sha256(p_data_hash || convert_to(
    p_user || e'\n' || p_stream || e'\n' || p_id || e'\n' || p_type || e'\n' || p_schema_version::text
      || e'\n' || p_metadata::text || e'\n' || p_recorded_us::text, 'UTF8'))
$$;

-- Each event's hash covers what it says and the hash before it in its stream, so that a changed, missing
-- or reordered event shows.
create function nova.chain_hash(p_before bytea, p_content bytea) returns bytea
language sql immutable parallel safe as $$
  select sha256(coalesce(p_before, ''::bytea) || p_content)
$$;

-- Appends one event, the common case. p_expected: the version decided on, or null for any.
-- SQLSTATE NV001: the stream is not at that version. NV002: the key belongs to other events.
create function nova.append_one(
  p_user text,
  p_stream text,
  p_expected int,
  p_key text,
  p_id text,
  p_type text,
  p_schema_version smallint,
  p_data jsonb,
  p_metadata jsonb,
  out version int,
  out last_position bigint,
  out repeated boolean
) language plpgsql as $$
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
    select * into version, last_position from nova.answered_append(p_user, p_key, v_body_hash);
    repeated := version is not null;
    if repeated then
      return;
    end if;
    raise exception 'stream has moved on' using errcode = 'NV001';
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
end $$;

-- What the first append under a key answered; no row when there was none. A retry must say the same.
create function nova.answered_append(
  p_user text, p_key text, p_body_hash bytea, out version int, out last_position bigint
) language plpgsql as $$
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
end $$;

-- Undoes the move of a version by one, in the transaction that moved it.
create function nova.take_back_version(p_user text, p_stream text) returns void
language plpgsql as $$
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
end $$;

-- Appends all events or none; otherwise as nova.append_one.
create function nova.append(
  p_user text,
  p_stream text,
  p_expected int,
  p_key text,
  p_ids text[],
  p_types text[],
  p_schema_versions smallint[],
  p_data jsonb[],
  p_metadata jsonb,
  out version int,
  out last_position bigint,
  out repeated boolean
) language plpgsql as $$
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
    raise exception 'stream has moved on' using errcode = 'NV001';
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
end $$;

-- The position up to which everything is decided. A reader calls this first and reads the events in a
-- LATER statement: in the same one its snapshot would be older than the floor.
--   writer takes 7, sleeps     reader: floor 6 -> safe 6
--   writer takes 8, commits    reader still stops at 6, so 7 is not passed over
create function nova.safe_position() returns bigint
language plpgsql volatile as $$
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
end $$;

-- Down Migration

drop schema nova cascade;
