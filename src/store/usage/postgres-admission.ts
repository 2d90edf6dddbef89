import type pg from 'pg'
import { usageStream } from '../../events/usage/usage-events.ts'
import { AnswerLost, translateDatabaseError } from '../database/database-error.ts'
import { resolveLostAnswer, send } from '../database/lost-answer.ts'
import { runAsTenant } from '../database/tenant.ts'
import { newEventId } from '../events/event-id.ts'
import type { StreamSignal } from '../events/stream-signal.ts'
import type { Admission, AdmissionAnswer, AdmissionRequest } from './admission.ts'

const admitStatement = {
  name: 'nova_admit',
  text: `select refused, used, weight, weights, calls_per_month as "callsPerMonth",
           calls_per_minute as "callsPerMinute", concurrent_operations as "concurrentOperations",
           wait_seconds as "waitSeconds"
         from nova.admit_tool_call($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
}

// Whoever asks after an answer was lost waits here for an admission that is still running.
const turnStatement = `select pg_advisory_xact_lock(hashtext('nova usage'), hashtext($1))`
const admittedStatement = `
  select nova.weight_of(e.data) as weight, p.weights, p.calls_per_month as "callsPerMonth",
    p.calls_per_minute as "callsPerMinute", p.concurrent_operations as "concurrentOperations",
    coalesce((
      select sum(u.units - u.units_refunded) from nova.usage u
      where u.user_id = $1 and u.month = right($2, 7)), 0)::bigint as used
  from nova.events e, nova.plan_of($1, $4, $5, $6) p
  where e.user_id = $1 and e.stream_id = $2 and e.event_id = $3`

/** Admission as one statement on PostgreSQL; sql/usage/admit-tool-call.sql holds the rule. */
export const createAdmission = (pool: pg.Pool, signal: StreamSignal): Admission => ({
  async admit(request: AdmissionRequest): Promise<AdmissionAnswer> {
    const ids = { called: newEventId(), refused: newEventId() }
    const streamId = usageStream(request.userId, request.month)
    const limits = [
      request.defaults.callsPerMonth,
      request.defaults.callsPerMinute,
      request.defaults.concurrentOperations,
    ]
    const values = [
      request.userId,
      request.month,
      ...limits,
      request.free,
      ids.called,
      JSON.stringify(request.called.data),
      ids.refused,
      JSON.stringify(request.refused.data),
      JSON.stringify(request.metadata),
    ]
    const admit = async (): Promise<Answer> => {
      const { rows } = await send<Answer>(pool, { ...admitStatement, values })
      const [row] = rows
      if (!row) throw new Error('nova.admit_tool_call answered nothing')
      return row
    }
    /** What was admitted is not admitted again; what it has used may lack the newest calls. */
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

type Answer = Omit<AdmissionAnswer, 'eventId'>
