-- Puts the spare table in the place of the month, or nothing when it is empty. From the lock until the
-- commit nobody reads events: a reader sees the month and the register of archives both before or after.
create or replace function nova.put_month(p_month date) returns void
language plpgsql set search_path = pg_catalog, nova as $$
declare
  v_leaf text := 'events_' || to_char(p_month, 'YYYY_MM');
  v_spare text := v_leaf || '_spare';
  v_filled boolean;
begin
  lock table only nova.events in access exclusive mode;
  if to_regclass('nova.' || v_leaf) is not null then
    execute format('alter table nova.events detach partition nova.%I', v_leaf);
    execute format('drop table nova.%I', v_leaf);
  end if;
  execute format('select exists (select from nova.%I)', v_spare) into v_filled;
  if not v_filled then
    execute format('drop table nova.%I', v_spare);
    return;
  end if;
  execute format('alter table nova.%I rename to %I', v_spare, v_leaf);
  execute format(
    'alter table nova.events attach partition nova.%I for values from (%L) to (%L)', v_leaf,
    p_month::text || ' 00:00:00+00', (p_month + interval '1 month')::date::text || ' 00:00:00+00');
  execute format('alter table nova.%I drop constraint of_month', v_leaf);
end $$;

revoke all on function nova.put_month(date) from public;
