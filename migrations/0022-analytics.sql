-- Up Migration

-- Answers of search providers and what they cost, by month. A failed query names no provider.
create table nova.provider_usage_g1 (
  user_id text not null,
  month text not null,
  provider text not null,
  answers bigint not null,
  pages bigint not null,
  cost_usd double precision not null,
  primary key (user_id, month, provider)
);

-- Whoever runs Nova may count over all users, and read nothing of what they wrote.
--   psql: set role nova_analyst; select * from nova.users_near_limit;
do $$
begin
  create role nova_analyst nologin nosuperuser nobypassrls;
exception when duplicate_object or unique_violation then null;
end $$;
grant nova_analyst to current_user;
grant usage on schema nova to nova_analyst;

create function nova.is_counted(p_projection text) returns boolean language sql immutable as $$
  select p_projection in ('usage', 'tool_calls', 'plans', 'provider_usage', 'articles')
$$;

-- What the analyst may read of a generation: of articles the state, never a title.
create function nova.open_to_analyst(p_table regclass, p_projection text) returns void
language plpgsql set search_path = pg_catalog, nova as $$
begin
  execute format('create policy counting on %s for select to nova_analyst using (true)', p_table);
  execute format('grant select %s on %s to nova_analyst',
    case p_projection when 'articles' then '(user_id, article_id, status)' else '' end, p_table);
end $$;
revoke all on function nova.open_to_analyst(regclass, text) from public;

-- Articles get a second view beside their own: through one of all columns nobody reads less than all.
create or replace function nova.publish_projection(p_name text, p_table regclass) returns void
language plpgsql set search_path = pg_catalog, nova as $$
begin
  execute format(
    'create or replace view nova.%I with (security_invoker = true) as select * from %s',
    p_name, p_table);
  execute format('grant select on nova.%I to nova_app, nova_projector', p_name);
  if p_name = 'articles' then
    execute format(
      'create or replace view nova.article_states with (security_invoker = true) as
         select user_id, article_id, status from %s', p_table);
  elsif nova.is_counted(p_name) then
    execute format('grant select on nova.%I to nova_analyst', p_name);
  end if;
end $$;

create or replace function nova.open_projection_table(p_table regclass) returns void
language plpgsql set search_path = pg_catalog, nova as $$
declare
  v_projection text := (select regexp_replace(relname, '_g\d+$', '') from pg_class where oid = p_table);
begin
  execute format('alter table %s enable row level security', p_table);
  execute format('alter table %s force row level security', p_table);
  execute format(
    'create policy own_rows on %s for select to nova_app
       using (user_id = (select current_setting(''app.user_id'', true)))', p_table);
  execute format('create policy fold on %s to nova_projector using (true)', p_table);
  execute format('grant select on %s to nova_app', p_table);
  execute format('grant select, insert, update, delete on %s to nova_projector', p_table);
  if v_projection = 'api_tokens' then
    execute format(
      'create policy presented on %s for select to nova_app
         using (token_id = (select current_setting(''app.token_id'', true)))', p_table);
  end if;
  if nova.is_counted(v_projection) then
    perform nova.open_to_analyst(p_table, v_projection);
  end if;
end $$;

select nova.open_projection_table('nova.provider_usage_g1'),
  nova.publish_projection('provider_usage', 'nova.provider_usage_g1');
insert into nova.projections (name, generation, status) values ('provider_usage', 1, 'live');

-- The tables that were there before, whatever generation serves.
do $$
declare
  v_table record;
begin
  for v_table in
    select format('nova.%I_g%s', name, generation)::regclass as id, name, status from nova.projections
      where nova.is_counted(name) and name <> 'provider_usage' and status <> 'retired'
  loop
    perform nova.open_to_analyst(v_table.id, v_table.name),
      case v_table.status when 'live' then nova.publish_projection(v_table.name, v_table.id) end;
  end loop;
end $$;

-- Calls that count are those that were made less those given back; calls refused by a limit are neither.
create view nova.monthly_calls with (security_invoker = true) as
  select user_id, month, sum(calls - refunds)::bigint as used, sum(calls)::bigint as calls,
    sum(refunds)::bigint as refunds, sum(refusals)::bigint as refusals
  from nova.usage group by user_id, month;

create view nova.most_used_tools with (security_invoker = true) as
  select month, tool, sum(calls)::bigint as calls, count(*) filter (where calls > 0) as users,
    sum(refunds)::bigint as refunds, sum(refusals)::bigint as refusals
  from nova.usage group by month, tool;

-- Status and share of all articles, erased ones aside.
create view nova.completion_by_status with (security_invoker = true) as
  select status, count(*) as articles, count(*) / sum(count(*)) over () as share
  from nova.article_states group by status;

-- Who has used 80 % of a month's limit or more. For users without a plan the limit is the server's:
--   set app.monthly_limit = 500;
create view nova.users_near_limit with (security_invoker = true) as
  select *, used / calls_per_month::float8 as share
  from (
    select m.user_id, m.month, m.used,
      coalesce(
        p.calls_per_month, nullif(current_setting('app.monthly_limit', true), '')::int, 100
      ) as calls_per_month
    from nova.monthly_calls m left join nova.plans p using (user_id)) as limited
  where calls_per_month > 0 and used >= 0.8 * calls_per_month;

-- Failed: something went wrong with us or with every source. A refused call is not: it was answered.
create view nova.tool_health with (security_invoker = true) as
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

create view nova.provider_costs with (security_invoker = true) as
  select month, provider, sum(answers)::bigint as answers, sum(pages)::bigint as pages,
    sum(cost_usd) as cost_usd
  from nova.provider_usage group by month, provider;

-- The views see with the rights of who asks: nova_app sees its user's rows in them, and no others.
grant select on nova.article_states, nova.monthly_calls, nova.most_used_tools, nova.completion_by_status,
  nova.users_near_limit, nova.tool_health, nova.provider_costs
  to nova_analyst, nova_projector, nova_app;

-- Down Migration

drop view nova.monthly_calls, nova.most_used_tools, nova.completion_by_status, nova.users_near_limit,
  nova.tool_health, nova.provider_costs, nova.article_states;
delete from nova.projections where name = 'provider_usage';
drop view nova.provider_usage;
drop table nova.provider_usage_g1;
drop owned by nova_analyst;
drop function nova.open_to_analyst(regclass, text);
drop function nova.is_counted(text);
-- nova.open_projection_table and nova.publish_projection have to be created again.
