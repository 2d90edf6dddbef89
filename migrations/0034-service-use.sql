-- Up Migration

-- Tokens of models, beside the answers of search providers. The new columns have no default: a server of
-- before this migration stops its projection instead of passing over what services did.
do $$
declare
  v_table record;
begin
  for v_table in
    select format('nova.%I_g%s', name, generation)::regclass as id, status from nova.projections
      where name = 'provider_usage' and status <> 'retired'
  loop
    execute format('alter table %s add column input_tokens bigint not null default 0,
      add column output_tokens bigint not null default 0', v_table.id);
    execute format('alter table %s alter column input_tokens drop default,
      alter column output_tokens drop default', v_table.id);
    if v_table.status = 'live' then
      perform nova.publish_projection('provider_usage', v_table.id);
    end if;
  end loop;
end $$;

create or replace view nova.provider_costs with (security_invoker = true) as
  select month, provider, sum(answers)::bigint as answers, sum(pages)::bigint as pages,
    sum(cost_usd) as cost_usd, sum(input_tokens)::bigint as input_tokens,
    sum(output_tokens)::bigint as output_tokens
  from nova.provider_usage group by month, provider;

-- Down Migration

drop view nova.provider_costs;
-- The view of migration 0022 has to be created again. The columns stay.
