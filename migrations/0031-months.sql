-- Up Migration

-- A stream's events as lines of JSON, oldest first: one call sets the user and reads, on a plan that is
-- kept, however many months there are; one line per event is cheaper to write and to parse than ten columns.
-- SQLSTATE NV005: events that belong to the answer are in archive files; the detail names their months.
create function nova.read_stream(p_user text, p_stream text, p_after int) returns setof text
language plpgsql as $$
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
    raise exception 'events are archived' using errcode = 'NV005', detail = v_months;
  end if;
end $$;

-- A month leaves in one part or in two: its usage events, and all that is left of it.
alter table nova.archived_streams drop constraint archived_streams_month_fkey;
alter table nova.event_archives drop constraint event_archives_pkey;
alter table nova.event_archives
  add column part text not null default 'usage' check (part in ('usage', 'all'));
alter table nova.event_archives alter column part drop default, add primary key (month, part);
alter table nova.archived_streams
  add column part text not null default 'usage',
  -- Hashes of the bodies that the archived events name: no sweep takes them for orphans.
  add column bodies text[] not null default '{}';
alter table nova.archived_streams alter column part drop default,
  add foreign key (month, part) references nova.event_archives on delete cascade;

-- The streams whose events of a month leave with it. `usage`: those that end with their month. `all`: also
-- articles and links of which nothing happened since p_before and nothing is running, so that nobody misses
-- them; a stream that stayed in an earlier month stays whole. Who may do what is never archived.
create function nova.leaving_streams(p_month date, p_part text, p_before date)
returns table (user_id text, stream_id text) language sql stable as $$
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
$$;

-- An empty table that can take the place of a month at once: what it holds is checked on the way in.
create function nova.create_spare_month(p_month date) returns text
language plpgsql set search_path = pg_catalog, nova as $$
declare
  v_spare text := 'events_' || to_char(p_month, 'YYYY_MM') || '_spare';
begin
  execute format('create table nova.%I (like nova.events including all)', v_spare);
  execute format('create unique index on nova.%I (event_id)', v_spare);
  execute format(
    'alter table nova.%I add constraint of_month check (recorded_at >= %L and recorded_at < %L)', v_spare,
    p_month::text || ' 00:00:00+00', (p_month + interval '1 month')::date::text || ' 00:00:00+00');
  return 'nova.' || v_spare;
end $$;
revoke all on function nova.create_spare_month(date) from public;

-- Puts the spare table in the place of the month, or nothing when it is empty. From the lock until the
-- commit nobody reads events: a reader sees the month and the register of archives both before or after.
create function nova.put_month(p_month date) returns void
language plpgsql set search_path = pg_catalog, nova as $$
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
end $$;
revoke all on function nova.put_month(date) from public;

-- Takes events of a closed month out, once they are in a file. p_digest covers their hashes in order: when
-- it is not that of the rows, nothing happens. The month is replaced by a copy without them, or by nothing,
-- so that no event is ever deleted from a table. SQLSTATE NV004: the file is not what is stored.
drop function nova.take_out_usage(date, bigint, bytea);
create function nova.take_out_month(
  p_month date, p_part text, p_before date, p_events bigint, p_digest bytea
) returns void language plpgsql set search_path = pg_catalog, nova as $$
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
end $$;
revoke all on function nova.take_out_month(date, text, date, bigint, bytea) from public;

-- Brings the part of a month back that its spare table holds, verified, beside what has stayed of it.
create function nova.bring_back_month(p_month date, p_part text) returns void
language plpgsql set search_path = pg_catalog, nova as $$
declare
  v_leaf text := 'nova.events_' || to_char(p_month, 'YYYY_MM');
begin
  if to_regclass(v_leaf) is not null then
    execute format('lock table %s in share row exclusive mode', v_leaf);
    execute format('insert into %s_spare select * from %s', v_leaf, v_leaf);
  end if;
  delete from nova.event_archives where month = p_month and part = p_part;
  perform nova.put_month(p_month);
end $$;
revoke all on function nova.bring_back_month(date, text) from public;

-- Bodies that archived events name are kept: as of migration 0005 otherwise.
create function nova.is_named(p_user text, p_body text) returns boolean
language sql stable as $$
  select exists (
      select from nova.events e, nova.bodies_named_by(e.data) body
      where e.user_id = p_user and e.stream_id like 'article-%' and body = p_body)
    or exists (
      select from nova.archived_streams a where a.user_id = p_user and p_body = any (a.bodies))
$$;

create or replace function nova.erase_article(
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
      and not nova.is_named(p_user, c.sha256);
  get diagnostics contents = row_count;
  return next;
end $$;

create or replace function nova.sweep_contents() returns bigint
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
      and not nova.is_named(c.user_id, c.sha256);
  get diagnostics v_swept = row_count;
  return v_swept;
end $$;

-- Down Migration

drop function nova.bring_back_month(date, text);
drop function nova.take_out_month(date, text, date, bigint, bytea);
drop function nova.put_month(date);
drop function nova.create_spare_month(date);
drop function nova.leaving_streams(date, text, date);
drop function nova.read_stream(text, text, int);
-- The functions of migration 0005 that are replaced here have to be created again.
