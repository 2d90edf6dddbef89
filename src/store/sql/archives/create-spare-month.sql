-- An empty table that can take the place of a month at once: what it holds is checked on the way in.
create or replace function nova.create_spare_month(p_month date) returns text
language plpgsql set search_path = pg_catalog, nova as $$
declare
  v_spare text := 'events_' || to_char(p_month, 'YYYY_MM') || '_spare';
begin
  execute format('create table nova.%I (like nova.events including all)', v_spare);
  execute format('create unique index on nova.%I (event_id)', v_spare);
  execute format(
    'alter table nova.%I add constraint of_month check (recorded_at >= %L and recorded_at < %L)', v_spare,
    p_month::text || ' 00:00:00+00', (p_month + interval '1 month')::date::text || ' 00:00:00+00');
  return 'nova.' || v_spare;
end $$;

revoke all on function nova.create_spare_month(date) from public;
