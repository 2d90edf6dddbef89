import type pg from 'pg'
import { usageStream } from '../events/usage-events.ts'
import type { Admission, AdmissionAnswer, AdmissionRequest } from './admission.ts'
import { translateDatabaseError } from './database-error.ts'
import { newEventId } from './event-id.ts'
import type { StreamSignal } from './stream-signal.ts'

const admitStatement = {
  name: 'nova_admit',
  text: `select refused, used, weight, weights, calls_per_month as "callsPerMonth",
           calls_per_minute as "callsPerMinute", concurrent_operations as "concurrentOperations",
           wait_seconds as "waitSeconds"
         from nova.admit_tool_call($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
}

/** Admission as one statement on PostgreSQL; sql/usage/admit-tool-call.sql holds the rule. */
export const createAdmission = (pool: pg.Pool, signal: StreamSignal): Admission => ({
  async admit(request: AdmissionRequest): Promise<AdmissionAnswer> {
    const ids = { called: newEventId(), refused: newEventId() }
    const values = [
      request.userId,
      request.month,
      request.defaults.callsPerMonth,
      request.defaults.callsPerMinute,
      request.defaults.concurrentOperations,
      request.free,
      ids.called,
      JSON.stringify(request.called.data),
      ids.refused,
      JSON.stringify(request.refused.data),
      JSON.stringify(request.metadata),
    ]
    try {
      const { rows } = await pool.query<Omit<AdmissionAnswer, 'eventId'>>({
        ...admitStatement,
        values,
      })
      const [row] = rows
      if (!row) throw new Error('nova.admit_tool_call answered nothing')
      const streamId = usageStream(request.userId, request.month)
      signal.changed({ userId: request.userId, streamId })
      return { ...row, eventId: row.refused === null ? ids.called : ids.refused }
    } catch (error) {
      throw translateDatabaseError(error)
    }
  },
})
