import type { Projection } from './define-projection.ts'

/** Answers of search providers and their cost, per user and UTC month. Erasing an article keeps them. */
export const providerUsageProjection: Projection = {
  name: 'provider_usage',
  leavesWith: ['all'],
  fold: (table) => `
insert into ${table} as u (user_id, month, provider, answers, pages, cost_usd)
select user_id, to_char(recorded_at at time zone 'UTC', 'YYYY-MM'), data->>'provider', count(*),
  sum(jsonb_array_length(data->'found')), coalesce(sum((data->>'cost_usd')::double precision), 0)
from nova.events
where global_position > $1 and global_position <= $2 and type = 'ResearchResultRecorded'
group by 1, 2, 3
on conflict (user_id, month, provider) do update set
  answers = u.answers + excluded.answers,
  pages = u.pages + excluded.pages,
  cost_usd = u.cost_usd + excluded.cost_usd`,
}
