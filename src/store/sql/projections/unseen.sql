-- The events of a user that a projection has not folded yet, of one stream or, without one, of all: with the
-- projection's rows they tell what is so as of now. To be called in the statement that reads those rows, so that
-- both come from one snapshot. A stream's tail is found by single versions, further back by twice as much each time,
-- so the cost is that of the tail, whatever the stream holds: of its events in order a kept plan would sort all, since it
-- takes every stream for a short one. p_since: no older ones are looked for, which leaves the months before it unopened.
--   folded up to position 70     version 9 at 90, 8 at 85, 7 at 80, 5 at 60     -> those after version 5 and position 70
create or replace function nova.unseen(
  p_projection text, p_user text, p_stream text, p_since timestamptz
) returns setof nova.events language plpgsql stable rows 10 set plan_cache_mode = force_generic_plan as $$
declare
  v_checkpoint bigint := (
    select c.position from nova.projections c where c.name = p_projection and c.status = 'live');
  v_seen int;
  v_step int := 1;
begin
  -- The upper bounds of positions and versions exclude nothing. Of a range with two ends the planner takes a small
  -- part and uses its index, while one with an open end is a third to it, for which it would read the whole month.
  if p_stream is null then
    return query select * from nova.events e
      where e.user_id = p_user and e.global_position > v_checkpoint and e.global_position < 1::bigint << 62
        and e.recorded_at >= p_since and e.recorded_at < now() + interval '1 hour';
    return;
  end if;
  select s.version into v_seen from nova.streams s where s.user_id = p_user and s.stream_id = p_stream;
  while v_seen > 0 loop
    -- One that is archived, or older than p_since, is as good as folded.
    exit when not exists (
      select from nova.events e
      where e.user_id = p_user and e.stream_id = p_stream and e.stream_version = v_seen
        and e.global_position > v_checkpoint
        and e.recorded_at >= p_since and e.recorded_at < now() + interval '1 hour');
    v_seen := greatest(0, v_seen - v_step);
    v_step := v_step * 2;
  end loop;
  -- Most calls find nothing unseen.
  if v_step = 1 then
    return;
  end if;
  return query select * from nova.events e
    where e.user_id = p_user and e.stream_id = p_stream
      and e.stream_version > v_seen and e.stream_version < 2147483647
      and e.global_position > v_checkpoint
      and e.recorded_at >= p_since and e.recorded_at < now() + interval '1 hour';
end $$;
