import type pg from 'pg'
import type { EventDraft, EventMetadata } from '../../events/define-event.ts'
import { usageStream } from '../../events/usage/usage-events.ts'
import { AnswerLost, translateDatabaseError } from '../database/database-error.ts'
import { resolveLostAnswer, send } from '../database/lost-answer.ts'
import { runAsTenant } from '../database/tenant.ts'
import { AppendGroups } from '../events/append-groups.ts'
import { type AppendQuery, orderOf } from '../events/append-query.ts'
import { newEventId } from '../events/event-id.ts'
import type { StreamSignal } from '../events/stream-signal.ts'

/** What a user may do; 0 = unlimited. */
export interface Limits {
  /** Units: a call counts one, or what the plan weighs its tool. */
  callsPerMonth: number
  /** Calls that count, within any sixty seconds. */
  callsPerMinute: number
  /** Operations of slow tools that run at the same time. */
  concurrentOperations: number
}

export interface AdmissionRequest {
  userId: string
  /** `yyyy-mm`, UTC. */
  month: string
  /** The limits of users without a plan. */
  defaults: Limits
  /** The call weighs nothing, whatever the plan says, and is admitted. */
  free: boolean
  /** Appended when the call is admitted. What is decided there is filled in there: `weight`. */
  called: EventDraft<'weight'>
  /** Appended when it is not; of the minute's limit `resets_at` is decided there too. */
  refused: EventDraft<'weight' | 'reason' | 'used' | 'limit'>
  metadata: EventMetadata
}

/** The limits are those that count for the user. */
export interface AdmissionAnswer extends Limits {
  /** Which limit was reached; null when the call was admitted. */
  refused: 'month' | 'minute' | null
  /** Units counted this month, those of this call included when it was admitted. */
  used: number
  /** Units that this call counts, or would. */
  weight: number
  /** What the plan weighs, by tool. */
  weights: Readonly<Record<string, number>>
  /** After which the minute has room again, if that was the limit. */
  waitSeconds: number | null
  /** The event that says so: what the call leads to names it as its cause. */
  eventId: string
}

/** Counts and admits in one statement, so that no number of callers or servers can overrun a limit. */
export interface Admission {
  admit(request: AdmissionRequest): Promise<AdmissionAnswer>
}

const admitStatement = {
  name: 'nova_admit',
  text: 'select nova.join_admission($1, $2, $3) as answer',
}

// After a lost answer this waits until an admission that is still running has ended.
const turnStatement = `select pg_advisory_xact_lock(hashtext('nova usage'), hashtext($1))`
const admittedStatement = `
  select nova.weight_of(e.data) as weight, p.weights, p.calls_per_month as "callsPerMonth",
    p.calls_per_minute as "callsPerMinute", p.concurrent_operations as "concurrentOperations",
    (select sum(u.units - u.units_refunded) from nova.usage_now($1, right($2, 7)) u)::bigint as used
  from nova.events e, nova.plan_of($1, $4, $5, $6) p
  where e.user_id = $1 and e.stream_id = $2 and e.event_id = $3`

/**
 * Admission on PostgreSQL, in one statement, which it shares with the appends and admissions of others that come at
 * once; sql/usage/admit-call.sql holds the rule.
 */
export const createAdmission = (
  pool: pg.Pool,
  signal: StreamSignal,
  groups = new AppendGroups(pool),
): Admission => ({
  async admit(request: AdmissionRequest): Promise<AdmissionAnswer> {
    const ids = { called: newEventId(), refused: newEventId() }
    const streamId = usageStream(request.userId, request.month)
    const limits = [
      request.defaults.callsPerMonth,
      request.defaults.callsPerMinute,
      request.defaults.concurrentOperations,
    ]
    const query = admissionQuery(request, streamId, ids)
    const admit = async (): Promise<Answer> => {
      const [answer] = await groups.append(query)
      if (!answer) throw new Error('nova.admit_call answered nothing')
      return readAnswer(answer)
    }
    /** What was admitted is not admitted again. */
    const admitted = async (): Promise<Answer | undefined> => {
      await send(pool, { text: turnStatement, values: [streamId] })
      const look = [request.userId, streamId, ids.called, ...limits]
      const [row] = await runAsTenant<Answer>(pool, request.userId, admittedStatement, look)
      return row && { ...row, refused: null, waitSeconds: null }
    }
    try {
      const answer = await admit().catch((error: unknown) => {
        if (!(error instanceof AnswerLost)) throw error
        return resolveLostAnswer(error, async () => (await admitted()) ?? (await admit()))
      })
      signal.changed({ userId: request.userId, streamId })
      return { ...answer, eventId: answer.refused === null ? ids.called : ids.refused }
    } catch (error) {
      throw translateDatabaseError(error)
    }
  },
})

function admissionQuery(
  { userId, month, defaults, free, called, refused, metadata }: AdmissionRequest,
  streamId: string,
  ids: { called: string; refused: string },
): AppendQuery {
  const args = {
    month,
    calls_per_month: defaults.callsPerMonth,
    calls_per_minute: defaults.callsPerMinute,
    concurrent_operations: defaults.concurrentOperations,
    free,
    called: drafted(ids.called, called),
    refused: drafted(ids.refused, refused),
  }
  return {
    ...admitStatement,
    values: [userId, JSON.stringify(args), JSON.stringify(metadata)],
    joined: {
      order: orderOf(userId, streamId),
      item: () => JSON.stringify({ joins: 'admission', user_id: userId, args, metadata }),
    },
  }
}

const drafted = (id: string, { type, schemaVersion, known }: EventDraft) => ({
  id,
  type,
  schema_version: schemaVersion,
  data: known,
})

function readAnswer(text: string): Answer {
  const answer = JSON.parse(text)
  return {
    refused: answer.refused,
    used: answer.used,
    weight: answer.weight,
    weights: answer.weights,
    callsPerMonth: answer.calls_per_month,
    callsPerMinute: answer.calls_per_minute,
    concurrentOperations: answer.concurrent_operations,
    waitSeconds: answer.wait_seconds,
  }
}

type Answer = Omit<AdmissionAnswer, 'eventId'>
