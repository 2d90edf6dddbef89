import type { AnalyticsReader } from '../../store/usage/analytics-reader.ts'

export interface Analytics {
  month: string
  /** The last twelve months, oldest first. */
  months: { month: string; used: number; refusals: number; users: number }[]
  /** Who used most, at most fifty. `used` is what counts: units, less those given back. */
  users: { user_id: string; used: number; calls: number; refunds: number; refusals: number }[]
  tools: {
    tool: string
    calls: number
    used: number
    users: number
    failed: number
    items_failed: number
    p50_ms: number | null
    p95_ms: number | null
  }[]
  articles: { status: string; articles: number; share: number }[]
  near_limit: { user_id: string; used: number; calls_per_month: number; share: number }[]
  /** Search providers, models and browsers; tokens are those of models. */
  providers: {
    provider: string
    answers: number
    pages: number
    cost_usd: number
    input_tokens: number
    output_tokens: number
  }[]
}

/** How Nova was used in a month (`yyyy-mm`), over all users. */
export async function readAnalytics(
  reader: AnalyticsReader,
  month: string,
  callsPerMonth: number,
): Promise<Analytics> {
  const read = <Row extends object>(text: string) => reader.query<Row>(callsPerMonth, text, [month])
  return {
    month,
    months: await read(
      `select month, sum(used)::bigint as used, sum(refusals)::bigint as refusals, count(*) as users
       from nova.monthly_calls
       where month <= $1 and month > to_char(($1 || '-01')::date - interval '12 months', 'YYYY-MM')
       group by month order by month`,
    ),
    users: await read(
      `select user_id, used, calls, refunds, refusals from nova.monthly_calls
       where month = $1 order by used desc, user_id limit 50`,
    ),
    tools: await read(
      `select t.tool, t.calls, t.used, t.users, h.failed, h.items_failed, h.p50_ms, h.p95_ms
       from nova.most_used_tools t join nova.tool_health h using (month, tool)
       where month = $1 order by t.calls desc, t.tool`,
    ),
    // As of now, whatever the month.
    articles: await read(
      `select status, articles, share::float8 from nova.completion_by_status
       where $1::text is not null order by articles desc, status`,
    ),
    near_limit: await read(
      `select user_id, used, calls_per_month, share from nova.users_near_limit
       where month = $1 order by share desc, user_id limit 200`,
    ),
    providers: await read(
      `select provider, answers, pages, cost_usd, input_tokens, output_tokens from nova.provider_costs
       where month = $1 order by answers desc, provider`,
    ),
  }
}
