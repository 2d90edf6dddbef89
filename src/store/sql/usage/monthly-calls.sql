-- Units that a user has used in a month, which the limit is about, and the calls behind them. Calls that a
-- limit refused are in neither.
create or replace view nova.monthly_calls with (security_invoker = true) as
  select user_id, month, sum(units - units_refunded)::bigint as used, sum(calls)::bigint as calls,
    sum(refunds)::bigint as refunds, sum(refusals)::bigint as refusals
  from nova.usage group by user_id, month;

grant select on nova.monthly_calls to nova_analyst, nova_projector, nova_app;
