import type pg from 'pg'
import { translateDatabaseError } from '../database/database-error.ts'
import { inTransaction } from '../database/in-transaction.ts'

/** Reads the views over all users: what is given one may see all of them. */
export interface AnalyticsReader {
  /** `callsPerMonth` is the limit of users without a plan; 0 = unlimited. */
  query<Row extends object>(callsPerMonth: number, text: string, values: unknown[]): Promise<Row[]>
}

/** Runs statements over the analytic views as nova_projector, the role that may read all users. */
export const createAnalyticsReader = (projector: pg.Pool): AnalyticsReader => ({
  async query<Row extends object>(
    callsPerMonth: number,
    text: string,
    values: unknown[],
  ): Promise<Row[]> {
    // The setting and the right to write die with the transaction.
    const limit = Math.trunc(callsPerMonth)
    const begin = `begin read only; select set_config('app.calls_per_month', '${limit}', true)`
    try {
      return await inTransaction(projector, begin, async (client) => {
        return (await client.query<Row>(text, values)).rows
      })
    } catch (error) {
      throw translateDatabaseError(error)
    }
  },
})
