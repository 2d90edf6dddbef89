-- A stream's events as lines of JSON, oldest first: one call sets the user and reads, on a plan that is
-- kept, however many months there are; one line per event is cheaper to write and to parse than ten columns.
-- Refuses with HISTORY_ARCHIVED when events that belong to the answer are in archive files.
create or replace function nova.read_stream(p_user text, p_stream text, p_after int) returns setof text
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
    raise exception 'HISTORY_ARCHIVED'
      using errcode = 'NV100', detail = json_build_object('months', v_months);
  end if;
end $$;
