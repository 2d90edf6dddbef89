import { Refusal } from '../../errors.ts'
import {
  monthEnd,
  ToolCalled,
  ToolCallRefunded,
  ToolCallRefused,
  ToolCallSettled,
  type UsageEvent,
  usageMonth,
  usageStream,
} from '../../events/usage/usage-events.ts'
import type { Admission, Limits } from '../../store/usage/admission.ts'
import type { Caller, CommandDeps } from '../handle.ts'

export interface AdmitToolCall {
  callId: string
  tool: string
  articleId: string | null
  /** The limits of users without a plan. */
  defaults: Limits
  /** It is on record and counts nothing: an administrator's. */
  free?: boolean
}

/** An admitted call; settling needs its month, which may be over by then. */
export interface AdmittedCall {
  callId: string
  tool: string
  month: string
  /** Units counted this month, those of this call included. */
  used: number
  /** Units that this call counts. */
  weight: number
  /** Units per month, of the user's plan or else what everybody has; 0 = unlimited. */
  limit: number
  callsPerMinute: number
  concurrentOperations: number
  /** Units that a call of a tool counts, of those that count other than one. */
  weights: Readonly<Record<string, number>>
  /** The id of its ToolCalled, which is the cause of all that the call does. */
  eventId: string
}

// What admission counts is decided where it is counted.
const admitted = ToolCalled.without('weight')
const notAdmitted = ToolCallRefused.without('weight', 'reason', 'used', 'limit')

/** Admits a call or throws QUOTA_EXCEEDED or RATE_LIMITED; either way it is on record. */
export async function admitToolCall(
  deps: CommandDeps & { admission: Admission },
  caller: Caller,
  command: AdmitToolCall,
): Promise<AdmittedCall> {
  const now = deps.now()
  const resetsAt = monthEnd(now).toISOString()
  const { callId, tool, defaults, free = false } = command
  const answer = await deps.admission.admit({
    userId: caller.userId,
    month: usageMonth(now),
    defaults,
    free,
    called: admitted({
      call_id: callId,
      tool,
      article_id: command.articleId,
      called_at: now.toISOString(),
    }),
    refused: notAdmitted({
      call_id: callId,
      tool,
      resets_at: resetsAt,
      refused_at: now.toISOString(),
    }),
    metadata: caller.metadata,
  })
  const { used, callsPerMonth, refused, waitSeconds, ...plan } = answer
  if (refused === 'month') {
    const { weight } = plan
    throw new Refusal('QUOTA_EXCEEDED', { used, limit: callsPerMonth, weight, resets_at: resetsAt })
  }
  if (refused === 'minute') {
    const retry_after = waitSeconds ?? 1
    throw new Refusal('RATE_LIMITED', { limit: plan.callsPerMinute, retry_after })
  }
  return { callId, tool, month: usageMonth(now), used, limit: callsPerMonth, ...plan }
}

export interface SettleToolCall {
  outcome: 'completed' | 'refused' | 'failed' | 'cancelled'
  code: string | null
  itemsOk: number
  itemsFailed: number
  durationMs: number
  costUsd: number | null
  /** Why the call gives its units back, or null when it did work and counts. */
  refund: string | null
}

/** A call that did no work is settled and refunded in one append. */
function decideSettleToolCall(
  call: Pick<AdmittedCall, 'callId' | 'tool' | 'weight'>,
  settlement: SettleToolCall & { now: Date },
): UsageEvent[] {
  const { callId: call_id, tool, weight } = call
  const at = settlement.now.toISOString()
  const settled = ToolCallSettled({
    call_id,
    tool,
    outcome: settlement.outcome,
    code: settlement.code,
    items_ok: settlement.itemsOk,
    items_failed: settlement.itemsFailed,
    duration_ms: Math.max(0, Math.round(settlement.durationMs)),
    cost_usd: settlement.costUsd,
    settled_at: at,
  })
  if (settlement.refund === null) return [settled]
  const { refund: reason } = settlement
  return [settled, ToolCallRefunded({ call_id, tool, weight, reason, refunded_at: at })]
}

/** Settles a call once: one that has ended is left as it is, so a worker that wakes up late adds nothing. */
export async function settleToolCall(
  deps: Pick<CommandDeps, 'store' | 'now'>,
  { userId, metadata }: Caller,
  call: Pick<AdmittedCall, 'callId' | 'tool' | 'month' | 'weight'>,
  settlement: SettleToolCall,
): Promise<void> {
  const events = decideSettleToolCall(call, { ...settlement, now: deps.now() })
  const streamId = usageStream(userId, call.month)
  const args = { call_id: call.callId, month: call.month }
  try {
    await deps.store.append(userId, [{ streamId, events, expectedVersion: 'any' }], {
      metadata,
      guard: { name: 'call_open', args, once: true },
    })
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'TOOL_CALL_ENDED')) throw error
  }
}
