import { Refusal } from '../../errors.ts'
import { PlanAssigned, type UserEvent, userStream } from '../../events/people/user-events.ts'
import { toolNames } from '../../events/usage/usage-events.ts'
import type { Limits } from '../../store/usage/admission.ts'
import { type Caller, type CommandDeps, handle } from '../handle.ts'

export interface Plan extends Limits {
  /** Units that a call of a tool counts; of a tool that is not named, one. */
  weights: Readonly<Record<string, number>>
}

export interface AssignPlan extends Plan {
  /** The administrator, or null from the command line. */
  assignedBy: string | null
}

/** The plan that a user has already adds nothing. Throws TOOL_UNKNOWN. */
export function decideAssignPlan(
  command: AssignPlan & { now: Date },
  plan: Plan | null,
): UserEvent[] {
  const unknown = Object.keys(command.weights).find((tool) => !toolNames.has(tool))
  if (unknown !== undefined) throw new Refusal('TOOL_UNKNOWN', { tool: unknown.slice(0, 64) })
  if (plan && isSame(plan, command)) return []
  return [
    PlanAssigned({
      calls_per_month: command.callsPerMonth,
      calls_per_minute: command.callsPerMinute,
      concurrent_operations: command.concurrentOperations,
      weights: ofWeight(command),
      assigned_by: command.assignedBy,
      assigned_at: command.now.toISOString(),
    }),
  ]
}

const isSame = (plan: Plan, other: Plan): boolean =>
  plan.callsPerMonth === other.callsPerMonth &&
  plan.callsPerMinute === other.callsPerMinute &&
  plan.concurrentOperations === other.concurrentOperations &&
  JSON.stringify(ofWeight(plan)) === JSON.stringify(ofWeight(other))

/** One is what a call counts anyway. */
const ofWeight = ({ weights }: Plan): Record<string, number> =>
  Object.fromEntries(
    Object.entries(weights)
      .filter(([, weight]) => weight !== 1)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )

/** `caller.userId` is whose plan it is. It counts for the next call on every server; the answer is the plan. */
export async function assignPlan(
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  command: AssignPlan,
): Promise<Plan> {
  const { state } = await handle<Plan | null, UserEvent>(deps, caller, {
    streamId: userStream(caller.userId),
    initial: null,
    evolve: (_plan, { data }) => ({
      callsPerMonth: data.calls_per_month,
      callsPerMinute: data.calls_per_minute,
      concurrentOperations: data.concurrent_operations,
      weights: data.weights,
    }),
    decide: (plan) => decideAssignPlan({ ...command, now: deps.now() }, plan),
  })
  if (!state) throw new Error('no plan was assigned')
  return state
}
