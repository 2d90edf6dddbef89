import { PlanAssigned, type UserEvent, userStream } from '../events/user-events.ts'
import { type Caller, type CommandDeps, handle } from './handle.ts'

export interface Plan {
  callsPerMonth: number
  callsPerMinute: number
  concurrentOperations: number
}

export interface AssignPlan extends Plan {
  /** The administrator, or null from the command line. */
  assignedBy: string | null
}

const isSame = (plan: Plan | null, other: Plan): boolean =>
  plan !== null &&
  plan.callsPerMonth === other.callsPerMonth &&
  plan.callsPerMinute === other.callsPerMinute &&
  plan.concurrentOperations === other.concurrentOperations

/** The plan that a user has already adds nothing. */
export function decideAssignPlan(
  command: AssignPlan & { now: Date },
  plan: Plan | null,
): UserEvent[] {
  if (isSame(plan, command)) return []
  return [
    PlanAssigned({
      calls_per_month: command.callsPerMonth,
      calls_per_minute: command.callsPerMinute,
      concurrent_operations: command.concurrentOperations,
      assigned_by: command.assignedBy,
      assigned_at: command.now.toISOString(),
    }),
  ]
}

/** `caller.userId` is whose plan it is. It counts for the next call on every server. */
export const assignPlan = (
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  command: AssignPlan,
) =>
  handle<Plan | null, UserEvent>(deps, caller, {
    streamId: userStream(caller.userId),
    initial: null,
    evolve: (_plan, { data }) => ({
      callsPerMonth: data.calls_per_month,
      callsPerMinute: data.calls_per_minute,
      concurrentOperations: data.concurrent_operations,
    }),
    decide: (plan) => decideAssignPlan({ ...command, now: deps.now() }, plan),
  })
