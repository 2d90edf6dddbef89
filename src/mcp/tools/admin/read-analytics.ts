import { z } from 'zod'
import { grantAnalyticsLink } from '../../../commands/links/analytics-link.ts'
import { usageMonth } from '../../../events/usage/usage-events.ts'
import { type Analytics, readAnalytics as read } from '../../../projections/usage/analytics.ts'
import { nextLine, nextStepSchema } from '../../protocol/answer-parts.ts'
import { calendarMonth } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'

const output = z.object({
  month: z.string(),
  months: z.array(
    z.object({ month: z.string(), used: z.int(), refusals: z.int(), users: z.int() }),
  ),
  users: z.array(
    z.object({
      user_id: z.string(),
      used: z.int(),
      calls: z.int(),
      refunds: z.int(),
      refusals: z.int(),
    }),
  ),
  tools: z.array(
    z.object({
      tool: z.string(),
      calls: z.int(),
      used: z.int(),
      users: z.int(),
      failed: z.int(),
      items_failed: z.int(),
      p50_ms: z.int().nullable(),
      p95_ms: z.int().nullable(),
    }),
  ),
  articles: z.array(z.object({ status: z.string(), articles: z.int(), share: z.number() })),
  near_limit: z.array(
    z.object({
      user_id: z.string(),
      used: z.int(),
      calls_per_month: z.int(),
      share: z.number(),
    }),
  ),
  providers: z.array(
    z.object({
      provider: z.string(),
      answers: z.int(),
      pages: z.int(),
      cost_usd: z.number(),
      input_tokens: z.int(),
      output_tokens: z.int(),
    }),
  ),
  page: z.object({ url: z.string(), expires_at: z.string() }).nullable(),
  next_step: nextStepSchema(),
})

/** How Nova is used over all users, for administrators. */
export const readAnalytics = defineTool({
  name: 'read_analytics',
  title: 'See usage over all users',
  description:
    'See how everybody uses Nova in a month: who used most, who is near their limit, calls, failures and latency by tool, articles by status, what search, models and browsers cost. For administrators; does not count.',
  input: z.strictObject({
    month: calendarMonth(),
    page_link: z
      .boolean()
      .default(false)
      .describe('Also give a link to a page with plots; who has it sees the page for 15 minutes.'),
  }),
  output,
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  scope: 'nova:admin',
  async run(args, { deps, caller }) {
    const month = args.month ?? usageMonth(deps.now())
    const data = await read(deps.analytics, month, deps.limits.callsPerMonth)
    const link = args.page_link ? await grantAnalyticsLink(deps, caller) : null
    const page = link && {
      url: `${link.url}?month=${month}`,
      expires_at: link.expiresAt.toISOString(),
    }
    const next_step = { tool: 'assign_plan', why: 'It gives a user other limits.' }
    const text = [
      textOf(data),
      ...(page ? [`Page with plots, until ${page.expires_at}: ${page.url}`] : []),
      nextLine(next_step),
    ].join('\n')
    return { structured: { ...data, page, next_step }, text }
  },
})

/** Ids of users are what an issuer made of them: quoted, so that none reads as a line of ours. */
function textOf(data: Analytics): string {
  const name = (id: string) => JSON.stringify(id)
  return [
    `${data.month}, UTC; what was given back is not counted.`,
    ...data.months.map(
      (row) =>
        `${row.month}: ${row.used} used by ${row.users === 1 ? '1 user' : `${row.users} users`}, ${row.refusals} refused`,
    ),
    ...list(
      'Users by use',
      data.users,
      (row) =>
        `${name(row.user_id)}: ${row.used} used, ${row.calls} calls, ${row.refusals} refused`,
    ),
    ...list(
      'Near their limit',
      data.near_limit,
      (row) => `${name(row.user_id)}: ${row.used} of ${row.calls_per_month}`,
    ),
    ...list(
      'Tools',
      data.tools,
      (row) =>
        `${row.tool}: ${row.calls} calls by ${row.users === 1 ? '1 user' : `${row.users} users`}, ${row.failed} failed, ${latencyOf(row)}`,
    ),
    ...list('Articles now', data.articles, (row) => `${row.status}: ${row.articles}`),
    ...list(
      'Search, models and browsers',
      data.providers,
      (row) =>
        `${row.provider}: ${row.answers} answers, ${row.input_tokens} tokens in, ${row.output_tokens} out, $${row.cost_usd.toFixed(4)}`,
    ),
  ].join('\n')
}

const list = <Row>(heading: string, rows: readonly Row[], line: (row: Row) => string): string[] =>
  rows.length === 0 ? [`${heading}: none`] : [`${heading}:`, ...rows.map(line)]

const latencyOf = (row: Analytics['tools'][number]): string =>
  row.p50_ms === null
    ? 'none ended yet'
    : `50 of 100 took at most ${row.p50_ms} ms, 95 of 100 at most ${row.p95_ms} ms`
