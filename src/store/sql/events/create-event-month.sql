-- Makes the partition of a month, unless it is there. An event id is stored once: each month refuses a second one. A key over all months would need the time
-- in it and refuse nothing; `nova events verify` finds an id that two months share.
create or replace function nova.create_event_month(p_month date) returns void
language plpgsql security definer set search_path = pg_catalog, nova as $$
declare
  v_leaf text := 'events_' || to_char(p_month, 'YYYY_MM');
begin
  if to_regclass('nova.' || v_leaf) is not null then
    return;
  end if;
  execute format(
    'create table nova.%I partition of nova.events for values from (%L) to (%L)', v_leaf,
    p_month::text || ' 00:00:00+00', (p_month + interval '1 month')::date::text || ' 00:00:00+00');
  execute format('create unique index on nova.%I (event_id)', v_leaf);
end $$;

revoke all on function nova.create_event_month(date) from public;
grant execute on function nova.create_event_month(date) to nova_keeper;
