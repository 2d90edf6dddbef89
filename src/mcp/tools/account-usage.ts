import { z } from 'zod'
import { monthEnd, usageMonth } from '../../events/usage-events.ts'
import { countOpenCalls } from '../../projections/tool-calls.ts'
import { usageOf } from '../../projections/usage.ts'
import { nextLine, nextStepSchema } from '../answer-parts.ts'
import { defineTool } from '../define-tool.ts'
import { serviceStatus, serviceStatusSchema } from '../service-status.ts'

const output = z.object({
  month: z.string(),
  used: z.int(),
  reserved: z.int().describe('Of those used: still running; given back if nothing comes of them.'),
  limit: z.int().nullable().describe('Null: unlimited.'),
  left: z.int().nullable(),
  calls_per_minute: z.int().nullable(),
  concurrent_operations: z.int().nullable(),
  resets_at: z.string(),
  tools: z.array(
    z.object({ tool: z.string(), calls: z.int(), refunds: z.int(), refusals: z.int() }),
  ),
  service: serviceStatusSchema(),
  next_step: nextStepSchema(),
})

/** What the caller used of the month's calls, and how the service is. */
export const accountUsage = defineTool({
  name: 'account_usage',
  title: 'See your usage',
  description:
    'See how many tool calls you used this month or in an earlier one, how many are left, your limits and when they reset, and whether the service is well. Every call counts one.',
  input: z.strictObject({
    month: z
      .string()
      .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
      .optional()
      .describe('yyyy-mm, UTC. Default: this month.'),
  }),
  output,
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  scope: 'nova:read',
  async run(args, { deps, caller, call }) {
    const month = args.month ?? call.month
    const rows = await usageOf(deps.reader, caller.userId, month)
    const counted = rows.reduce((sum, row) => sum + Number(row.calls) - Number(row.refunds), 0)
    // Of the current month admission has just counted, this call included; the projection may lag.
    const used = month === usageMonth(deps.now()) ? call.used : counted
    const limit = call.limit || null
    const structured = {
      month,
      used,
      reserved: await countOpenCalls(deps.reader, caller.userId, month, call.callId),
      limit,
      left: limit && Math.max(0, limit - used),
      calls_per_minute: call.callsPerMinute || null,
      concurrent_operations: call.concurrentOperations || null,
      resets_at: monthEnd(new Date(`${month}-01T00:00:00Z`)).toISOString(),
      tools: rows.map((row) => ({
        tool: row.tool,
        calls: Number(row.calls),
        refunds: Number(row.refunds),
        refusals: Number(row.refusals),
      })),
      service: await serviceStatus(deps),
      next_step: { tool: 'list_articles', why: 'It lists your articles.' },
    }
    return { structured, text: textOf(structured) }
  },
})

function textOf(usage: z.infer<typeof output>): string {
  const { service } = usage
  return [
    `${usage.month}: ${usage.used} calls used of ${usage.limit ?? 'unlimited'}, ${usage.reserved} of them still running; left: ${usage.left ?? 'unlimited'}; resets ${usage.resets_at}.`,
    `Every call counts one. Calls in any minute: ${usage.calls_per_minute ?? 'unlimited'}. Operations at once: ${usage.concurrent_operations ?? 'unlimited'}.`,
    ...usage.tools.map(
      (row) => `${row.tool}: ${row.calls} calls, ${row.refunds} refunded, ${row.refusals} refused`,
    ),
    `Service: ${service.ok ? 'well' : 'not well'}; version ${service.version}; model ${service.model ?? 'none'}; search ${service.search ?? 'none'}.`,
    nextLine(usage.next_step),
  ].join('\n')
}
