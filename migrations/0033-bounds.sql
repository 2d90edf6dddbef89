-- Up Migration

-- Appends to a stream, and one event to another stream of the same user, both or neither: what a link
-- brings is stored with the link's use. SQLSTATE NV001 as in nova.append, for either stream. The other
-- stream's row is taken first, everywhere, so that two of these never wait for each other.
create function nova.append_beside(
  p_user text,
  p_other_stream text,
  p_other_expected int,
  p_other_id text,
  p_other_type text,
  p_other_schema_version smallint,
  p_other_data jsonb,
  p_stream text,
  p_expected int,
  p_ids text[],
  p_types text[],
  p_schema_versions smallint[],
  p_data jsonb[],
  p_metadata jsonb,
  out version int,
  out last_position bigint,
  out repeated boolean
) language plpgsql as $$
begin
  perform nova.append_one(
    p_user, p_other_stream, p_other_expected, null, p_other_id, p_other_type, p_other_schema_version,
    p_other_data, p_metadata);
  select a.version, a.last_position, a.repeated into version, last_position, repeated
    from nova.append(
      p_user, p_stream, p_expected, null, p_ids, p_types, p_schema_versions, p_data, p_metadata) a;
end $$;

-- Appends the end of a tool call, once: one that was settled adds nothing, however late the second attempt
-- comes. Newest first, and no further back than the call itself; of a call whose month is in an archive file
-- the projection knows.
create function nova.settle_tool_call(
  p_user text,
  p_stream text,
  p_call text,
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
  v_month_start timestamptz := (right(p_stream, 7) || '-01T00:00:00Z')::timestamptz;
begin
  select s.version into version from nova.streams s
    where s.user_id = p_user and s.stream_id = p_stream for update;
  select e.global_position, e.type <> 'ToolCalled' into last_position, repeated from nova.events e
    where e.user_id = p_user and e.stream_id = p_stream
      and e.recorded_at >= v_month_start - interval '1 hour' and e.data->>'call_id' = p_call
    order by e.stream_version desc limit 1;
  if not found then
    repeated := exists (
      select from nova.tool_calls c
      where c.user_id = p_user and c.call_id = p_call and c.status <> 'open');
  end if;
  if repeated then
    last_position := coalesce(last_position, 0);
    return;
  end if;
  select a.version, a.last_position into version, last_position
    from nova.append(
      p_user, p_stream, null, null, p_ids, p_types, p_schema_versions, p_data, p_metadata) a;
end $$;

-- Bytes of the bodies that a user keeps. Counted where they come and go, so that no way in is forgotten.
create table nova.user_storage (
  user_id text not null,
  bytes bigint not null,
  primary key (user_id)
);
alter table nova.user_storage enable row level security;
alter table nova.user_storage force row level security;
create policy own_storage on nova.user_storage for select to nova_app
  using (user_id = (select current_setting('app.user_id', true)));
create policy keep on nova.user_storage to nova_keeper using (true) with check (true);
grant select on nova.user_storage to nova_app;
grant select, insert, update on nova.user_storage to nova_keeper;

create function nova.count_storage() returns trigger
language plpgsql security definer set search_path = pg_catalog, nova as $$
begin
  insert into nova.user_storage as s
    select user_id, sum(case tg_op when 'INSERT' then size else -size end) from changed
      group by user_id order by user_id
    on conflict (user_id) do update set bytes = s.bytes + excluded.bytes;
  return null;
end $$;
grant create on schema nova to nova_keeper;
alter function nova.count_storage() owner to nova_keeper;
revoke create on schema nova from nova_keeper;
revoke all on function nova.count_storage() from public;
create trigger contents_added after insert on nova.contents
  referencing new table as changed for each statement execute function nova.count_storage();
create trigger contents_removed after delete on nova.contents
  referencing old table as changed for each statement execute function nova.count_storage();

-- An owner that is no superuser sees no user's rows.
set local role nova_keeper;
insert into nova.user_storage select user_id, sum(size) from nova.contents group by user_id;
reset role;

-- Stores a body, unless the user has no room for it; 0 is unlimited. Bodies of one user take turns, so of
-- any number at once exactly what fits gets through. SQLSTATE NV005: full; the detail is what is kept.
-- The same bytes again are one look at a key, and at most once a minute the note that they were put.
create function nova.put_content(
  p_user text, p_sha256 text, p_media_type text, p_body bytea, p_max bigint
) returns void language plpgsql as $$
declare
  v_kept bigint;
begin
  perform from nova.contents c where c.user_id = p_user and c.sha256 = p_sha256;
  if not found and p_max > 0 then
    perform pg_advisory_xact_lock(hashtext('nova storage'), hashtext(p_user));
    select s.bytes into v_kept from nova.user_storage s where s.user_id = p_user;
    if coalesce(v_kept, 0) + octet_length(p_body) > p_max then
      raise exception 'the storage of this user is full'
        using errcode = 'NV005', detail = coalesce(v_kept, 0)::text;
    end if;
  end if;
  insert into nova.contents (user_id, sha256, size, media_type, body)
    values (p_user, p_sha256, octet_length(p_body), p_media_type, p_body)
    on conflict (user_id, sha256) do update set put_at = now()
      where contents.put_at < now() - interval '1 minute';
end $$;

-- The keys with which an issuer signs, as it last gave them: a server that starts while the issuer is down
-- goes on with them for a while.
create table nova.issuer_keys (
  issuer text primary key,
  spelled text not null,
  jwks_uri text not null,
  keys jsonb not null,
  confirmed_at timestamptz not null
);
grant select, insert, update on nova.issuer_keys to nova_app;

-- Down Migration

drop table nova.issuer_keys;
drop function nova.put_content(text, text, text, bytea, bigint);
drop trigger contents_added on nova.contents;
drop trigger contents_removed on nova.contents;
drop function nova.count_storage();
drop table nova.user_storage;
drop function nova.settle_tool_call(text, text, text, text[], text[], smallint[], jsonb[], jsonb);
drop function nova.append_beside(
  text, text, int, text, text, smallint, jsonb, text, int, text[], text[], smallint[], jsonb[], jsonb);
