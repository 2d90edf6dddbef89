import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { monthEnd, usageMonth } from '../../../events/usage/usage-events.ts'
import { findPlan } from '../../../projections/usage/plans.ts'
import { reservedUnits } from '../../../projections/usage/tool-calls.ts'
import { usageOf } from '../../../projections/usage/usage.ts'
import { callerOf, type HttpContext } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'

const count = () => z.number().int().min(0)

const answer = z.object({
  month: z.string(),
  used: count().describe('Units: a call counts one, or its weight.'),
  reserved: count().describe(
    'Of those used: calls still at work; one without result is given back.',
  ),
  limit: count().describe('Per month; 0 = unlimited.'),
  left: count().nullable().describe('Null: unlimited.'),
  calls_per_minute: count().describe('0 = unlimited.'),
  concurrent_operations: count().describe('0 = unlimited.'),
  weights: z
    .record(z.string(), count())
    .describe('What a call of a tool counts, where it is not 1.'),
  stored_bytes: count().describe('Of texts and files.'),
  stored_bytes_max: count().describe('0 = unlimited.'),
  resets_at: z.iso.datetime(),
  tools: z.array(
    z.object({
      tool: z.string(),
      calls: count(),
      used: count(),
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
        const { userId } = callerOf(request)
        const [rows, reserved, plan, stored] = await Promise.all([
          usageOf(deps.reader, userId, month),
          reservedUnits(deps.reader, userId, month),
          findPlan(deps.reader, userId, deps.limits),
          deps.contents.kept(userId),
        ])
        const tools = rows.map((row) => ({
          tool: row.tool,
          calls: row.calls,
          used: row.used,
          refunds: row.refunds,
          refusals: row.refusals,
          completed: row.completed,
          failures: row.failures,
          items_ok: row.items_ok,
          items_failed: row.items_failed,
          cost_usd: row.cost_usd,
        }))
        const used = tools.reduce((sum, row) => sum + row.used, 0)
        const limit = plan.calls_per_month
        return {
          month,
          used,
          reserved,
          limit,
          left: limit === 0 ? null : Math.max(0, limit - used),
          calls_per_minute: plan.calls_per_minute,
          concurrent_operations: plan.concurrent_operations,
          weights: plan.weights,
          stored_bytes: stored.bytes,
          stored_bytes_max: stored.max,
          resets_at: monthEnd(now).toISOString(),
          tools,
        }
      },
    )
  }
