-- Up Migration

-- Appends to a stream, and one event to each of other streams of the same user, all or none: what a link
-- brings is stored with the link's use and with the links that the answer gives away, so that nothing is left
-- to do after the commit that could fail. SQLSTATE NV001 as in nova.append, for any of the streams. The other
-- streams' rows are taken first, in the order given, so that two of these never wait for each other.
-- nova.append_beside, for one other stream, stays for servers of before this migration.
create function nova.append_together(
  p_user text,
  p_other_streams text[],
  p_other_expected int[],
  p_other_ids text[],
  p_other_types text[],
  p_other_schema_versions smallint[],
  p_other_data jsonb[],
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
  for i in 1..array_length(p_other_streams, 1) loop
    perform nova.append_one(
      p_user, p_other_streams[i], p_other_expected[i], null, p_other_ids[i], p_other_types[i],
      p_other_schema_versions[i], p_other_data[i], p_metadata);
  end loop;
  select a.version, a.last_position, a.repeated into version, last_position, repeated
    from nova.append(
      p_user, p_stream, p_expected, null, p_ids, p_types, p_schema_versions, p_data, p_metadata) a;
end $$;

-- Appends events of which one starts an operation, unless p_max of the user's run already: of N starts at once
-- exactly what is left gets through. SQLSTATE NV003: all are taken. Otherwise as nova.append.
create function nova.append_start(
  p_user text,
  p_stream text,
  p_expected int,
  p_max int,
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
  v_running int;
begin
  -- Starts of one user take turns here, before any article's row.
  perform pg_advisory_xact_lock(hashtext('nova operations'), hashtext(p_user));
  -- One snapshot: the projection, and the tail after its checkpoint.
  select (select count(*) from nova.operations o where o.user_id = p_user and o.status = 'running')
      + count(*) filter (where e.type = 'OperationStarted')
      - count(*) filter (where e.type = 'OperationFinished')
    into v_running
    from nova.events e
    where e.user_id = p_user and e.type in ('OperationStarted', 'OperationFinished')
      and e.global_position > (
        select c.position from nova.projections c where c.name = 'operations' and c.status = 'live');
  if v_running >= p_max then
    raise exception 'all operations are taken' using errcode = 'NV003', detail = p_max::text;
  end if;
  select a.version, a.last_position, a.repeated into version, last_position, repeated
    from nova.append(
      p_user, p_stream, p_expected, null, p_ids, p_types, p_schema_versions, p_data, p_metadata) a;
end $$;

-- For servers of before this migration.
create or replace function nova.append_operation(
  p_user text,
  p_stream text,
  p_expected int,
  p_max int,
  p_id text,
  p_type text,
  p_schema_version smallint,
  p_data jsonb,
  p_metadata jsonb,
  out version int,
  out last_position bigint,
  out repeated boolean
) language sql as $$
  select * from nova.append_start(
    p_user, p_stream, p_expected, p_max, array[p_id], array[p_type], array[p_schema_version],
    array[p_data], p_metadata)
$$;

-- Down Migration

-- nova.append_operation of migration 0032 has to be created again.
drop function nova.append_start(
  text, text, int, int, text[], text[], smallint[], jsonb[], jsonb);

drop function nova.append_together(
  text, text[], int[], text[], text[], smallint[], jsonb[], text, int, text[], text[], smallint[], jsonb[],
  jsonb);
