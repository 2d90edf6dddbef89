-- Brings the part of a month back that its spare table holds, verified, beside what has stayed of it.
create or replace function nova.bring_back_month(p_month date, p_part text) returns void
language plpgsql set search_path = pg_catalog, nova as $$
declare
  v_leaf text := 'nova.events_' || to_char(p_month, 'YYYY_MM');
begin
  if to_regclass(v_leaf) is not null then
    execute format('lock table %s in share row exclusive mode', v_leaf);
    execute format('insert into %s_spare select * from %s', v_leaf, v_leaf);
  end if;
  delete from nova.event_archives where month = p_month and part = p_part;
  perform nova.put_month(p_month);
end $$;

revoke all on function nova.bring_back_month(date, text) from public;
