-- Lets an append end the call {call_id} of a {month}, once: refuses with TOOL_CALL_ENDED, however late the second
-- attempt comes. Newest first, and no further back than the call itself, by stretches that double: of the whole month in
-- order a kept plan would sort all. Of a call whose month is in an archive file the projection knows.
create or replace function nova.guard_call_open(p_user text, p_args jsonb) returns void
language plpgsql as $$
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
end $$;
