-- Makes the partitions of this month and the ones ahead. An event without a partition of
-- its month goes to nova.events_default, and keeps that month's partition from being made.
create or replace function nova.ensure_event_partitions(months_ahead int) returns void
language plpgsql security definer set search_path = pg_catalog, nova as $$
begin
  for i in 0..months_ahead loop
    perform nova.create_event_month(
      (date_trunc('month', now() at time zone 'UTC') + make_interval(months => i))::date);
  end loop;
end $$;

revoke all on function nova.ensure_event_partitions(int) from public;
