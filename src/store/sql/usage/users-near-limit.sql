-- Who has used 80 % of a month's limit or more. For users without a plan the limit is the server's:
--   set app.calls_per_month = 500;
create or replace view nova.users_near_limit with (security_invoker = true) as
  select *, used / calls_per_month::float8 as share
  from (
    select m.user_id, m.month, m.used,
      coalesce(
        p.calls_per_month, nullif(current_setting('app.calls_per_month', true), '')::int, 100
      ) as calls_per_month
    from nova.monthly_calls m left join nova.plans p using (user_id)) as limited
  where calls_per_month > 0 and used >= 0.8 * calls_per_month;

grant select on nova.users_near_limit to nova_analyst, nova_projector, nova_app;
