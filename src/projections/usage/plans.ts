import type { TenantReader } from '../../store/database/tenant.ts'
import type { Limits } from '../../store/usage/admission.ts'
import { definePatchProjection } from '../define-projection.ts'

/** One row per user with a plan of their own; admission reads it together with the stream's version. */
export const plansProjection = definePatchProjection({
  name: 'plans',
  leavesWith: [],
  key: ['user_id'],
  columns: [
    'calls_per_month',
    'calls_per_minute',
    'concurrent_operations',
    'weights',
    'assigned_at',
    'stream_version',
  ],
  defaults: {},
  on: {
    PlanAssigned: `
  select user_id, global_position as position,
    jsonb_build_object('calls_per_month', data->'calls_per_month',
      'calls_per_minute', data->'calls_per_minute',
      'concurrent_operations', data->'concurrent_operations',
      'weights', coalesce(data->'weights', '{}'),
      'assigned_at', data->'assigned_at', 'stream_version', stream_version) as patch
  from batch where type = 'PlanAssigned'`,
  },
})

export interface PlanRow {
  calls_per_month: number
  calls_per_minute: number
  concurrent_operations: number
  /** Units that a call of a tool counts, of those that count other than one. */
  weights: Record<string, number>
  /** False: what everybody has. */
  assigned: boolean
}

/** What the user may do as of now; the defaults are for users without a plan of their own. */
export async function findPlan(
  reader: TenantReader,
  userId: string,
  defaults: Limits,
): Promise<PlanRow> {
  const [plan] = await reader.query<PlanRow>(
    userId,
    `select calls_per_month, calls_per_minute, concurrent_operations, weights, assigned
     from nova.plan_of($1, $2, $3, $4)`,
    [userId, defaults.callsPerMonth, defaults.callsPerMinute, defaults.concurrentOperations],
  )
  if (!plan) throw new Error('nova.plan_of answered nothing')
  return plan
}

/** The row of a plan that was assigned just now, without asking for it. */
export const assignedPlan = (plan: Limits & Pick<PlanRow, 'weights'>): PlanRow => ({
  calls_per_month: plan.callsPerMonth,
  calls_per_minute: plan.callsPerMinute,
  concurrent_operations: plan.concurrentOperations,
  weights: plan.weights,
  assigned: true,
})
