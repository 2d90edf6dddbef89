-- Appends one event, the common case. p_expected: the version decided on, or null for any.
-- SQLSTATE NV001: the stream, which the detail names, is not at that version. NV002: the key belongs to other
-- events.
create or replace function nova.append_one(
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
end $$;
