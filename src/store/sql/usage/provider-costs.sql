-- Answers, tokens and costs of each provider and month, over all users.
create or replace view nova.provider_costs with (security_invoker = true) as
  select month, provider, sum(answers)::bigint as answers, sum(pages)::bigint as pages,
    sum(cost_usd) as cost_usd, sum(input_tokens)::bigint as input_tokens,
    sum(output_tokens)::bigint as output_tokens
  from nova.provider_usage group by month, provider;

grant select on nova.provider_costs to nova_analyst, nova_projector, nova_app;
