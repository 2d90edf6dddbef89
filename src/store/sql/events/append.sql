-- Appends all events or none; otherwise as nova.append_one.
create or replace function nova.append(
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
end $$;
