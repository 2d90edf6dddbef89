import type pg from 'pg'
import { asTenant } from '../database/tenant.ts'

/** What a call has left on record, besides the record of the call itself. */
export interface Effects {
  /** Whether there is any. */
  found: boolean
  /** The article of the operation that the call began: its job settles the call. */
  operationOf: string | null
}

/** Finds the effects of a call by its id, which all that it did names as what began it. */
export interface CallEffects {
  /** `since` bounds the search; of what an administrator did for another user nothing is found. */
  of(userId: string, callId: string, since: Date): Promise<Effects>
}

export const createCallEffects = (pool: pg.Pool): CallEffects => ({
  async of(userId, callId, since) {
    const [effects] = await asTenant<Effects>(
      pool,
      userId,
      `select count(*) > 0 as found, max(substr(stream_id, 9)) filter (
           where type = 'OperationStarted' and data->>'operation_id' = $2) as "operationOf"
       from nova.events
       where user_id = $1 and recorded_at >= $3 and stream_id not like 'usage-%'
         and (metadata->>'correlation_id' = $2 or data->>'operation_id' = $2)`,
      [userId, callId, since],
    )
    return effects ?? { found: false, operationOf: null }
  },
})
