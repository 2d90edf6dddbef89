import type { Projection } from '../../store/projections/projection-step.ts'

/** What search providers, models and browsers answered and cost, per user and UTC month; erasing an article keeps it. */
export const providerUsageProjection: Projection = {
  name: 'provider_usage',
  types: ['ResearchResultRecorded', 'ServicesUsed'],
  fold: (table) => `
insert into ${table} as u 
  (user_id, month, provider, answers, pages, cost_usd, input_tokens, output_tokens)
select user_id, to_char(recorded_at at time zone 'UTC', 'YYYY-MM'), provider, sum(answers), sum(pages),
  coalesce(sum(cost_usd), 0), sum(input_tokens), sum(output_tokens)
from (
  select user_id, recorded_at, data->>'provider' as provider, 1 as answers,
    jsonb_array_length(data->'found') as pages, (data->>'cost_usd')::double precision as cost_usd,
    0 as input_tokens, 0 as output_tokens
  from nova.events
  where global_position > $1 and global_position <= $2 and type = 'ResearchResultRecorded'
  union all
  select user_id, recorded_at, used.service, used.requests, 0, used.cost_usd, used.input_tokens,
    used.output_tokens
  from nova.events, jsonb_to_recordset(data->'services') as used(
    service text, requests bigint, cost_usd double precision, input_tokens bigint, output_tokens bigint)
  where global_position > $1 and global_position <= $2 and type = 'ServicesUsed'
) as answered
group by 1, 2, 3
on conflict (user_id, month, provider) do update set
  answers = u.answers + excluded.answers,
  pages = u.pages + excluded.pages,
  cost_usd = u.cost_usd + excluded.cost_usd,
  input_tokens = u.input_tokens + excluded.input_tokens,
  output_tokens = u.output_tokens + excluded.output_tokens`,
}
