import { z } from 'zod'
import { assignPlan as assign } from '../../../commands/usage/assign-plan.ts'
import { planShape, weightMax } from '../../../events/people/user-events.ts'
import { assignedPlan, findPlan } from '../../../projections/usage/plans.ts'
import { nextLine, nextStepSchema } from '../../protocol/answer-parts.ts'
import { defineTool } from '../../protocol/define-tool.ts'

const weighed = (weight: z.ZodInt) => z.object({ tool: z.string().regex(/^[a-z_]{1,64}$/), weight })

const output = z.object({
  user_id: z.string(),
  calls_per_month: z.int(),
  calls_per_minute: z.int(),
  concurrent_operations: z.int(),
  weights: z.array(weighed(z.int())),
  assigned: z.boolean().describe('False: what everybody has.'),
  next_step: nextStepSchema(),
})

/** What another user may do, shown and changed by an administrator. */
export const assignPlan = defineTool({
  name: 'assign_plan',
  title: "Show or change a user's plan",
  description:
    "Set what a user may do; 0 is unlimited. What you leave out stays as it is, so with user_id alone it shows the plan. Counts from the user's next call on. For administrators; does not count.",
  input: z.strictObject({
    user_id: z
      .string()
      .regex(/^[\x21-\x7e]{1,255}$/)
      .describe('The subject at your issuer.'),
    calls_per_month: planShape.calls_per_month.optional(),
    calls_per_minute: planShape.calls_per_minute.optional(),
    concurrent_operations: planShape.concurrent_operations.optional(),
    weights: z
      .array(weighed(z.int().min(0).max(weightMax)).strict())
      .max(32)
      .optional()
      .describe('What a call of a tool counts; others keep theirs. 1 = as usual, 0 = nothing.'),
  }),
  output,
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  scope: 'nova:admin',
  async run({ user_id: userId, ...given }, { deps, caller }) {
    const before = await findPlan(deps.reader, userId, deps.limits)
    let after = before
    if (Object.values(given).some((value) => value !== undefined)) {
      const assigned = await assign(
        deps,
        { ...caller, userId },
        {
          callsPerMonth: given.calls_per_month ?? before.calls_per_month,
          callsPerMinute: given.calls_per_minute ?? before.calls_per_minute,
          concurrentOperations: given.concurrent_operations ?? before.concurrent_operations,
          weights: { ...before.weights, ...byTool(given.weights ?? []) },
          assignedBy: caller.userId,
        },
      )
      after = assignedPlan(assigned)
    }
    const { weights, ...plan } = after
    const structured = {
      user_id: userId,
      ...plan,
      weights: Object.entries(weights).map(([tool, weight]) => ({ tool, weight })),
      next_step: { tool: 'read_analytics', why: 'It shows who is near their limit.' },
    }
    return { structured, text: textOf(structured) }
  },
})

const byTool = (weights: readonly { tool: string; weight: number }[]): Record<string, number> =>
  Object.fromEntries(weights.map(({ tool, weight }) => [tool, weight]))

function textOf(plan: z.infer<typeof output>): string {
  const limit = (value: number) => (value === 0 ? 'unlimited' : value)
  const weights = plan.weights.map(({ tool, weight }) => `${tool} ${weight}`)
  return [
    `${plan.user_id}, ${plan.assigned ? 'a plan of their own' : 'what everybody has'}: calls a month ${limit(plan.calls_per_month)}, in any minute ${limit(plan.calls_per_minute)}; operations at once ${limit(plan.concurrent_operations)}.`,
    `A call counts one${weights.map((weight) => `, ${weight}`).join('')}.`,
    nextLine(plan.next_step),
  ].join('\n')
}
