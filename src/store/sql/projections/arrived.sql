-- What has come after a position: which types of events, how many, and up to where everything is decided. Two
-- statements, so that the events are read in a later snapshot than the floor; see nova.safe_position. At most p_max
-- positions are looked at: `more` when there are further ones.
create or replace function nova.arrived(
  p_after bigint, p_max int, out looked bigint, out more boolean, out events bigint, out types text[]
) language plpgsql volatile set plan_cache_mode = force_generic_plan as $$
declare
  v_safe bigint := nova.safe_position();
begin
  looked := greatest(p_after, least(v_safe, p_after + p_max));
  more := looked < v_safe;
  events := 0;
  if looked > p_after then
    select count(*), array_agg(distinct e.type) into events, types from nova.events e
      where e.global_position > p_after and e.global_position <= looked;
  end if;
end $$;
