-- Up Migration

-- What an operator may do and the service never: erase, import, take months out and bring them back. It
-- is a role of its own, entered for one transaction or by one function.
do $$
begin
  create role nova_keeper nologin nosuperuser nobypassrls;
exception when duplicate_object or unique_violation then null;
end $$;
grant nova_keeper to current_user;
grant usage on schema nova to nova_keeper;

-- Set when the personal data of the event was erased; its hash stays, so the chain stays whole.
alter table nova.events add column erased_at timestamptz;
-- One small entry per erased article: every fold leaves out what belongs to one.
create index events_erased on nova.events (user_id, stream_id) where type = 'ArticleErased';

-- When the body was last handed in. One that is on its way to its event is not taken for an orphan.
alter table nova.contents add column put_at timestamptz not null default now();
grant update (put_at) on nova.contents to nova_app;

-- Months whose usage events are in a file, and where the chain of a stream goes on after them.
create table nova.event_archives (
  month date primary key,
  events bigint not null,
  first_position bigint not null,
  last_position bigint not null,
  digest bytea not null,
  archived_at timestamptz not null default now()
);
create table nova.archived_streams (
  user_id text not null,
  stream_id text not null,
  month date not null references nova.event_archives on delete cascade,
  through_version int not null,
  last_hash bytea not null,
  primary key (user_id, stream_id, month)
);
alter table nova.archived_streams enable row level security;
alter table nova.archived_streams force row level security;
create policy own_archived on nova.archived_streams for select to nova_app
  using (user_id = (select current_setting('app.user_id', true)));
grant select on nova.archived_streams to nova_app;
grant select on nova.event_archives to nova_app, nova_projector;

create policy keep on nova.events to nova_keeper using (true) with check (true);
create policy keep on nova.streams to nova_keeper using (true) with check (true);
create policy keep on nova.contents to nova_keeper using (true) with check (true);
create policy keep on nova.archived_streams to nova_keeper using (true) with check (true);
grant select, insert, update (data, erased_at) on nova.events to nova_keeper;
grant select, insert, update on nova.streams to nova_keeper;
grant select, insert, delete on nova.contents to nova_keeper;
grant select, insert, delete on nova.archived_streams, nova.event_archives to nova_keeper;
grant select, usage, update on sequence nova.position_seq to nova_keeper;

-- An event id is stored once: each month refuses a second one. A key over all months would need the time
-- in it and refuse nothing; `nova events verify` finds an id that two months share.
create function nova.create_event_month(p_month date) returns void
language plpgsql security definer set search_path = pg_catalog, nova as $$
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
end $$;
revoke all on function nova.create_event_month(date) from public;
grant execute on function nova.create_event_month(date) to nova_keeper;

do $$
declare
  v_leaf regclass;
begin
  for v_leaf in select inhrelid from pg_inherits where inhparent = 'nova.events'::regclass loop
    execute format('create unique index on %s (event_id)', v_leaf);
  end loop;
end $$;

create or replace function nova.ensure_event_partitions(months_ahead int) returns void
language plpgsql security definer set search_path = pg_catalog, nova as $$
begin
  for i in 0..months_ahead loop
    perform nova.create_event_month(
      (date_trunc('month', now() at time zone 'UTC') + make_interval(months => i))::date);
  end loop;
end $$;

-- The data of an event without what people and pages said: ids, codes, kinds, sizes and times stay, so it
-- is still readable by its schema and countable.
--   {"source": 3, "title": "On X", "markdown": {"sha256": "9f…", "size": 12}}
--   {"source": 3, "title": "ERASED", "markdown": {"sha256": "00…", "size": 12}}
create function nova.erased_data(p_type text, p_value jsonb, p_key text default null) returns jsonb
language plpgsql immutable parallel safe as $$
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
      -- Times of ours end in _at; published_at is what a page says.
      if (p_key like '%\_at' and p_key <> 'published_at')
        or p_key in (
          'article_id', 'operation_id', 'tool', 'outcome', 'by', 'kind', 'media_type', 'usage_month',
          'provider', 'converter', 'compiler')
        or (p_key = 'reason' and p_type in ('SourceFailed', 'ResearchQueryFailed')) then
        return p_value;
      end if;
      return '"ERASED"';
    else
      return p_value;
  end case;
end $$;

-- Append-only, but for exactly one change: the keeper may put the erased data in the place of the data.
create or replace function nova.refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and current_user = 'nova_keeper' then
    if old.erased_at is null and new.erased_at is not null
        and new.data = nova.erased_data(old.type, old.data)
        and to_jsonb(new) - 'data' - 'erased_at' = to_jsonb(old) - 'data' - 'erased_at' then
      return new;
    end if;
  end if;
  raise exception 'events are append-only' using errcode = 'restrict_violation';
end $$;

create function nova.bodies_named_by(p_data jsonb) returns setof text
language sql immutable parallel safe as $$
  select body #>> '{}' from jsonb_path_query(p_data, 'strict $.**.sha256') as body
$$;

-- Records that the article is erased and erases it, both or neither: whoever sees the event sees no more
-- of the article. Bodies that another article names stay; one handed in during the last minutes may be on
-- its way to another article's event, and is left to nova.sweep_contents.
create function nova.erase_article(
  p_user text, p_article uuid, p_expected int, p_id text, p_schema_version smallint, p_data jsonb,
  p_metadata jsonb
) returns table (version int, last_position bigint, events bigint, contents bigint)
language plpgsql security definer set search_path = pg_catalog, nova as $$
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
      and not exists (
        select from nova.events e, nova.bodies_named_by(e.data) body
        where e.user_id = p_user and e.stream_id like 'article-%' and body = c.sha256);
  get diagnostics contents = row_count;
  return next;
end $$;

-- Bodies that an erased article left behind, and those that its jobs stored after it was erased: nobody
-- names them. Ten minutes are longer than any body is on its way to its event.
create function nova.sweep_contents() returns bigint
language plpgsql security definer set search_path = pg_catalog, nova as $$
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
      and not exists (
        select from nova.events e, nova.bodies_named_by(e.data) body
        where e.user_id = c.user_id and e.stream_id like 'article-%' and body = c.sha256);
  get diagnostics v_swept = row_count;
  return v_swept;
end $$;

grant create on schema nova to nova_keeper;
alter function nova.erase_article(text, uuid, int, text, smallint, jsonb, jsonb) owner to nova_keeper;
alter function nova.sweep_contents() owner to nova_keeper;
revoke create on schema nova from nova_keeper;
revoke all on function nova.erase_article(text, uuid, int, text, smallint, jsonb, jsonb) from public;
revoke all on function nova.sweep_contents() from public;
grant execute on function nova.erase_article(text, uuid, int, text, smallint, jsonb, jsonb) to nova_app;
grant execute on function nova.sweep_contents() to nova_projector;

-- Takes the usage events of a closed month out, once they are in a file. p_digest covers their hashes in
-- order: when it is not that of the rows, nothing happens. The month is replaced by a copy without them,
-- so that no event is ever deleted from a table. SQLSTATE NV004: the file is not what is stored.
create function nova.take_out_usage(p_month date, p_events bigint, p_digest bytea) returns void
language plpgsql set search_path = pg_catalog, nova as $$
declare
  v_leaf text := 'events_' || to_char(p_month, 'YYYY_MM');
  v_kept text := v_leaf || '_kept';
  v_stored record;
begin
  execute format('lock table nova.%I in share row exclusive mode', v_leaf);
  execute format(
    'select count(*) as events, sha256(string_agg(hash, '''' order by global_position)) as digest,
       min(global_position) as first_position, max(global_position) as last_position
     from nova.%I where stream_id like ''usage-%%''', v_leaf) into v_stored;
  if v_stored.events <> p_events or v_stored.digest is distinct from p_digest then
    raise exception 'the file is not what is stored' using errcode = 'NV004';
  end if;
  insert into nova.event_archives values (
    p_month, p_events, v_stored.first_position, v_stored.last_position, p_digest);
  execute format(
    'insert into nova.archived_streams
     select distinct on (user_id, stream_id) user_id, stream_id, %L::date, stream_version, hash
     from nova.%I where stream_id like ''usage-%%'' order by user_id, stream_id, stream_version desc',
    p_month, v_leaf);
  execute format('create table nova.%I (like nova.%I including all)', v_kept, v_leaf);
  execute format(
    'insert into nova.%I select * from nova.%I where stream_id not like ''usage-%%''', v_kept, v_leaf);
  execute format('alter table nova.events detach partition nova.%I', v_leaf);
  execute format('drop table nova.%I', v_leaf);
  execute format('alter table nova.%I rename to %I', v_kept, v_leaf);
  execute format(
    'alter table nova.events attach partition nova.%I for values from (%L) to (%L)', v_leaf,
    p_month::text || ' 00:00:00+00', (p_month + interval '1 month')::date::text || ' 00:00:00+00');
end $$;
revoke all on function nova.take_out_usage(date, bigint, bytea) from public;

-- Down Migration

drop function nova.take_out_usage(date, bigint, bytea);
drop function nova.sweep_contents();
drop function nova.erase_article(text, uuid, int, text, smallint, jsonb, jsonb);
drop function nova.bodies_named_by(jsonb);
create or replace function nova.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'events are append-only' using errcode = 'restrict_violation';
end $$;
drop function nova.erased_data(text, jsonb, text);
create or replace function nova.ensure_event_partitions(months_ahead int) returns void
language plpgsql security definer set search_path = pg_catalog, nova as $$
declare
  first_day date;
begin
  for i in 0..months_ahead loop
    first_day := (date_trunc('month', now() at time zone 'UTC') + make_interval(months => i))::date;
    if to_regclass('nova.events_' || to_char(first_day, 'YYYY_MM')) is null then
      execute format(
        'create table nova.%I partition of nova.events for values from (%L) to (%L)',
        'events_' || to_char(first_day, 'YYYY_MM'), first_day::text || ' 00:00:00+00',
        (first_day + interval '1 month')::date::text || ' 00:00:00+00');
    end if;
  end loop;
end $$;
drop function nova.create_event_month(date);
drop policy keep on nova.events;
drop policy keep on nova.streams;
drop policy keep on nova.contents;
drop table nova.archived_streams, nova.event_archives;
alter table nova.contents drop column put_at;
drop index nova.events_erased;
alter table nova.events drop column erased_at;
revoke all on nova.events, nova.streams, nova.contents from nova_keeper;
revoke all on sequence nova.position_seq from nova_keeper;
