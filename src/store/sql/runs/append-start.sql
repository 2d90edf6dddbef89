-- Appends events of which one starts an operation, unless p_max of the user's run already: of N starts at once
-- exactly what is left gets through. SQLSTATE NV003: all are taken. Otherwise as nova.append.
create or replace function nova.append_start(
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
