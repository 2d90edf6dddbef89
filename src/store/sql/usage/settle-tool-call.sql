-- Appends the end of a tool call, once: one that was settled adds nothing, however late the second attempt
-- comes. Newest first, and no further back than the call itself; of a call whose month is in an archive file
-- the projection knows.
create or replace function nova.settle_tool_call(
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
