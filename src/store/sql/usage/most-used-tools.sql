-- Calls, users and units of each tool and month, over all users.
create or replace view nova.most_used_tools with (security_invoker = true) as
  select month, tool, sum(calls)::bigint as calls, count(*) filter (where calls > 0) as users,
    sum(refunds)::bigint as refunds, sum(refusals)::bigint as refusals,
    sum(units - units_refunded)::bigint as used
  from nova.usage group by month, tool;

grant select on nova.most_used_tools to nova_analyst, nova_projector, nova_app;
