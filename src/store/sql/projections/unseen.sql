-- The events of a user that a projection has not folded yet, of one stream or, without one, of all: with the
-- projection's rows they tell what is so as of now. To be called in the statement that reads those rows, so that
-- both come from one snapshot. A stream is walked from its newest event back to the first that was folded, so the
-- cost is that of the tail, whatever the stream holds. p_since: no older ones are looked for, which leaves the
-- months before it unopened.
create or replace function nova.unseen(
  p_projection text, p_user text, p_stream text, p_since timestamptz
) returns setof nova.events language plpgsql stable rows 10 set plan_cache_mode = force_generic_plan as $$
declare
  v_checkpoint bigint := (
    select c.position from nova.projections c where c.name = p_projection and c.status = 'live');
  v_seen int;
begin
  -- The upper bounds of positions and versions exclude nothing. Of a range with two ends the planner takes a small
  -- part and uses its index, while one with an open end is a third to it, for which it would read the whole month.
  if p_stream is null then
    return query select * from nova.events e
      where e.user_id = p_user and e.global_position > v_checkpoint and e.global_position < 1::bigint << 62
        and e.recorded_at >= p_since and e.recorded_at < now() + interval '1 hour';
    return;
  end if;
  select e.stream_version into v_seen from nova.events e
    where e.user_id = p_user and e.stream_id = p_stream and e.global_position <= v_checkpoint
      and e.recorded_at >= p_since and e.recorded_at < now() + interval '1 hour'
    order by e.stream_version desc limit 1;
  v_seen := coalesce(v_seen, 0);
  return query select * from nova.events e
    where e.user_id = p_user and e.stream_id = p_stream
      and e.stream_version > v_seen and e.stream_version < 2147483647
      and e.recorded_at >= p_since and e.recorded_at < now() + interval '1 hour';
end $$;
