import { Refusal } from '../errors.ts'
import {
  monthEnd,
  ToolCalled,
  ToolCallRefunded,
  ToolCallRefused,
  ToolCallSettled,
  type UsageEvent,
  usageMonth,
  usageStream,
} from '../events/usage-events.ts'
import type { Admission } from '../store/admission.ts'
import type { Caller, CommandDeps } from './handle.ts'

export interface AdmitToolCall {
  callId: string
  tool: string
  articleId: string | null
  /** Calls per month of users without a plan; 0 = unlimited. */
  limit: number
}

/** A call that was let in; settling needs its month, which may be over by then. */
export interface AdmittedCall {
  callId: string
  tool: string
  month: string
  used: number
  /** Of the user's plan, or else what everybody has; 0 = unlimited. */
  limit: number
  callsPerMinute: number
  concurrentOperations: number
  /** Of its ToolCalled: the cause of all that the call does. */
  eventId: string
}

/** Admits a call or throws QUOTA_EXCEEDED or RATE_LIMITED; either way it is on record. */
export async function admitToolCall(
  deps: CommandDeps & { admission: Admission },
  caller: Caller,
  command: AdmitToolCall,
): Promise<AdmittedCall> {
  const now = deps.now()
  const resetsAt = monthEnd(now).toISOString()
  const { callId, tool, limit } = command
  const answer = await deps.admission.admit({
    userId: caller.userId,
    month: usageMonth(now),
    limit,
    called: ToolCalled({
      call_id: callId,
      tool,
      article_id: command.articleId,
      called_at: now.toISOString(),
    }),
    refused: ToolCallRefused({
      call_id: callId,
      tool,
      reason: 'month',
      used: limit,
      limit: Math.max(1, limit),
      resets_at: resetsAt,
      refused_at: now.toISOString(),
    }),
    metadata: caller.metadata,
  })
  const { used, callsPerMonth, refused, waitSeconds, ...plan } = answer
  if (refused === 'month') {
    throw new Refusal('QUOTA_EXCEEDED', { used, limit: callsPerMonth, resets_at: resetsAt })
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
  /** Why the call gives its unit back, or null when it did work and counts. */
  refund: string | null
}

/** A call that did no work is settled and refunded in one append. */
function decideSettleToolCall(
  call: Pick<AdmittedCall, 'callId' | 'tool'>,
  settlement: SettleToolCall & { now: Date },
): UsageEvent[] {
  const { callId: call_id, tool } = call
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
  return [settled, ToolCallRefunded({ call_id, tool, reason: settlement.refund, refunded_at: at })]
}

/**
 * Settles a call once: the idempotency key makes a second settlement (a worker that wakes up late) add
 * nothing, without reading a stream that grows all month.
 */
export async function settleToolCall(
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  call: Pick<AdmittedCall, 'callId' | 'tool' | 'month'>,
  settlement: SettleToolCall,
): Promise<void> {
  const events = decideSettleToolCall(call, { ...settlement, now: deps.now() })
  const stream = { userId: caller.userId, streamId: usageStream(caller.userId, call.month) }
  try {
    await deps.store.append(stream, events, {
      expectedVersion: 'any',
      metadata: caller.metadata,
      idempotencyKey: `settle-${call.callId}`,
    })
  } catch (error) {
    const settledBefore = error instanceof Refusal && error.code === 'IDEMPOTENCY_KEY_REUSED'
    if (!settledBefore) throw error
  }
}
