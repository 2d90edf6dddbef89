import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { checkAnalyticsLink } from '../../../commands/links/analytics-link.ts'
import { monthPattern } from '../../../events/storable.ts'
import { usageMonth } from '../../../events/usage/usage-events.ts'
import { type Analytics, readAnalytics } from '../../../projections/usage/analytics.ts'
import { analyticsPage } from '../../pages/analytics-page.ts'
import { type HttpContext, wantsHtml } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'

const count = () => z.number().int().min(0)

const querystring = z.strictObject({
  month: z.string().regex(monthPattern).optional().describe('yyyy-mm, UTC. Default: this month.'),
})

const params = z.object({ token: z.string().max(2000) })

const answer = z.object({
  month: z.string(),
  months: z.array(
    z.object({ month: z.string(), used: count(), refusals: count(), users: count() }),
  ),
  users: z.array(
    z.object({
      user_id: z.string(),
      used: count(),
      calls: count(),
      refunds: count(),
      refusals: count(),
    }),
  ),
  tools: z.array(
    z.object({
      tool: z.string(),
      calls: count(),
      used: count(),
      users: count(),
      failed: count(),
      items_failed: count(),
      p50_ms: count().nullable(),
      p95_ms: count().nullable(),
    }),
  ),
  articles: z.array(z.object({ status: z.string(), articles: count(), share: z.number() })),
  near_limit: z.array(
    z.object({ user_id: z.string(), used: count(), calls_per_month: count(), share: z.number() }),
  ),
  providers: z.array(
    z.object({
      provider: z.string(),
      answers: count(),
      pages: count(),
      cost_usd: z.number(),
      input_tokens: count(),
      output_tokens: count(),
    }),
  ),
})

/**
 * GET /analytics: how Nova is used over all users, as JSON or as a page with plots. GET /analytics/{token}:
 * the page behind a link, since a browser has no token to send.
 */
export const analyticsRoutes =
  ({ deps, base }: HttpContext): FastifyPluginAsync =>
  async (plain) => {
    const app = plain.withTypeProvider<ZodTypes>()
    const read = (month = usageMonth(deps.now())) =>
      readAnalytics(deps.analytics, month, deps.limits.callsPerMonth)
    const page = (data: Analytics) => analyticsPage(base(), data).toString()
    app.get(
      '/analytics',
      {
        config: { access: 'nova:admin' },
        schema: {
          tags: ['plans'],
          summary: 'How Nova is used over all users; with Accept: text/html a page with plots',
          querystring,
          response: { 200: answer },
        },
      },
      async (request, reply) => {
        const data = await read(request.query.month)
        if (!wantsHtml(request)) return data
        return reply.type('text/html; charset=utf-8').send(page(data) as never)
      },
    )
    app.get(
      '/analytics/:token',
      { config: { access: 'link' }, schema: { params, querystring, hide: true } },
      async (request, reply) => {
        await checkAnalyticsLink(deps.links.keys, request.params.token, deps.now())
        const data = await read(request.query.month)
        return reply.type('text/html; charset=utf-8').send(page(data))
      },
    )
  }
