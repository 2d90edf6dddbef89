import { z } from 'zod'
import { monthEnd } from '../../../events/usage/usage-events.ts'
import { reservedUnits } from '../../../projections/usage/tool-calls.ts'
import { usageOf } from '../../../projections/usage/usage.ts'
import { nextLine, nextStepSchema } from '../../protocol/answer-parts.ts'
import { calendarMonth } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'
import { serviceStatus, serviceStatusSchema } from '../../resources/service-status.ts'

const output = z.object({
  month: z.string(),
  used: z.int().describe('Units: a call counts one, or its weight.'),
  reserved: z.int().describe('Of those used: still running; given back if nothing comes of them.'),
  limit: z.int().nullable().describe('Null: unlimited.'),
  left: z.int().nullable(),
  calls_per_minute: z.int().nullable(),
  concurrent_operations: z.int().nullable(),
  weights: z
    .array(z.object({ tool: z.string(), weight: z.int() }))
    .describe('Of tools whose calls count other than one.'),
  stored_bytes: z.int().describe('Of texts and files.'),
  stored_bytes_max: z.int().nullable(),
  resets_at: z.string(),
  tools: z.array(
    z.object({
      tool: z.string(),
      calls: z.int(),
      refunds: z.int(),
      refusals: z.int(),
      used: z.int(),
    }),
  ),
  service: serviceStatusSchema(),
  next_step: nextStepSchema(),
})

/** What the caller used of the month's calls, and how the service is. */
export const accountUsage = defineTool({
  name: 'account_usage',
  title: 'See your usage',
  description:
    'See how many tool calls you used this month or in an earlier one, how many are left, your limits and when they reset, what a call of each tool counts, how much you store, and whether the service is well.',
  input: z.strictObject({ month: calendarMonth() }),
  output,
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  scope: 'nova:read',
  async run(args, { deps, caller, call }) {
    const month = args.month ?? call.month
    const rows = await usageOf(deps.reader, caller.userId, month)
    const used = rows.reduce((sum, row) => sum + row.used, 0)
    const limit = call.limit || null
    const stored = await deps.contents.kept(caller.userId)
    const structured = {
      month,
      used,
      reserved: await reservedUnits(deps.reader, caller.userId, month, call.callId),
      limit,
      left: limit && Math.max(0, limit - used),
      calls_per_minute: call.callsPerMinute || null,
      concurrent_operations: call.concurrentOperations || null,
      weights: Object.entries(call.weights).map(([tool, weight]) => ({ tool, weight })),
      stored_bytes: stored.bytes,
      stored_bytes_max: stored.max || null,
      resets_at: monthEnd(new Date(`${month}-01T00:00:00Z`)).toISOString(),
      tools: rows.map((row) => ({
        tool: row.tool,
        calls: row.calls,
        refunds: row.refunds,
        refusals: row.refusals,
        used: row.used,
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
    `${usage.month}: ${usage.used} used of ${usage.limit ?? 'unlimited'}, ${usage.reserved} of them still running; left: ${usage.left ?? 'unlimited'}; resets ${usage.resets_at}.`,
    `A call counts one${usage.weights.map(({ tool, weight }) => `, ${tool} ${weight}`).join('')}. Calls in any minute: ${usage.calls_per_minute ?? 'unlimited'}. Operations at once: ${usage.concurrent_operations ?? 'unlimited'}.`,
    `Stored: ${usage.stored_bytes} bytes of ${usage.stored_bytes_max ?? 'any number'}.`,
    ...usage.tools.map(
      (row) =>
        `${row.tool}: ${row.calls} calls, ${row.refunds} refunded, ${row.refusals} refused; ${row.used} used`,
    ),
    `Service: ${service.ok ? 'well' : 'not well'}; version ${service.version}; model ${service.model ?? 'none'}; search ${service.search ?? 'none'}.`,
    nextLine(usage.next_step),
  ].join('\n')
}
