import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { monthEnd, usageMonth } from '../../events/usage-events.ts'
import { usageOf } from '../../projections/usage.ts'
import { callerOf, type HttpContext } from '../http-context.ts'
import type { ZodTypes } from '../zod-schemas.ts'

const count = () => z.number().int().min(0)

const answer = z.object({
  month: z.string(),
  used: count(),
  limit: count().describe('Tool calls per month; 0 = unlimited.'),
  resets_at: z.iso.datetime(),
  tools: z.array(
    z.object({
      tool: z.string(),
      calls: count(),
      refunds: count(),
      refusals: count(),
      completed: count(),
      failures: count(),
      items_ok: count(),
      items_failed: count(),
      cost_usd: z.number(),
    }),
  ),
})

/** GET /usage: the caller's tool calls of this UTC month. */
export const usageRoute =
  ({ deps }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    app.withTypeProvider<ZodTypes>().get(
      '/usage',
      {
        config: { access: 'nova:read' },
        schema: {
          tags: ['usage'],
          summary: 'Tool calls of this month, by tool',
          response: { 200: answer },
        },
      },
      async (request) => {
        const now = deps.now()
        const month = usageMonth(now)
        const rows = await usageOf(deps.reader, callerOf(request).userId, month)
        const tools = rows.map((row) => ({
          tool: row.tool,
          calls: Number(row.calls),
          refunds: Number(row.refunds),
          refusals: Number(row.refusals),
          completed: Number(row.completed),
          failures: Number(row.failures),
          items_ok: Number(row.items_ok),
          items_failed: Number(row.items_failed),
          cost_usd: row.cost_usd,
        }))
        return {
          month,
          used: tools.reduce((sum, row) => sum + row.calls - row.refunds, 0),
          limit: deps.config.MONTHLY_TOOL_CALL_LIMIT,
          resets_at: monthEnd(now).toISOString(),
          tools,
        }
      },
    )
  }
