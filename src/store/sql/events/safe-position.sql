-- The position up to which everything is decided. A reader calls this first and reads the events in a
-- LATER statement: in the same one its snapshot would be older than the floor.
--   writer takes 7, sleeps     reader: floor 6 -> safe 6
--   writer takes 8, commits    reader still stops at 6, so 7 is not passed over
create or replace function nova.safe_position() returns bigint
language plpgsql volatile as $$
declare
  v_last bigint;
  v_floor bigint;
begin
  v_last := pg_sequence_last_value('nova.position_seq');
  select min(((classid::bigint << 32) | objid::bigint) & ((1::bigint << 40) - 1)) into v_floor
    from pg_locks
    where locktype = 'advisory' and objsubid = 1
      and database = (select oid from pg_database where datname = current_database())
      and ((classid::bigint << 32) | objid::bigint) >> 40 = 4554;
  return least(v_last, v_floor);
end $$;
