-- Failed: something went wrong with us or with every source. A refused call is not: it was answered.
create or replace view nova.tool_health with (security_invoker = true) as
  select u.month, u.tool, u.calls, u.completed, u.failed, u.items_ok, u.items_failed,
    u.failed / nullif(u.calls, 0)::float8 as failed_share, c.p50_ms, c.p95_ms
  from (
    select month, tool, sum(calls)::bigint as calls, sum(completed)::bigint as completed,
      sum(failures)::bigint as failed, sum(items_ok)::bigint as items_ok,
      sum(items_failed)::bigint as items_failed
    from nova.usage group by month, tool) as u
  left join (
    select month, tool, percentile_disc(0.5) within group (order by duration_ms) as p50_ms,
      percentile_disc(0.95) within group (order by duration_ms) as p95_ms
    from nova.tool_calls where duration_ms is not null group by month, tool) as c using (month, tool);

grant select on nova.tool_health to nova_analyst, nova_projector, nova_app;
