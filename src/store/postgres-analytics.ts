import type pg from 'pg'
import { translateDatabaseError } from './database-error.ts'

/** Runs statements over the analytic views as nova_projector, the role that may read all users. */
export const createAnalyticsReader = (projector: pg.Pool) => ({
  async query<Row extends object>(
    monthlyLimit: number,
    text: string,
    values: unknown[],
  ): Promise<Row[]> {
    const client = await projector.connect().catch((error: unknown) => {
      throw translateDatabaseError(error)
    })
    let broken: Error | undefined
    try {
      // The setting and the right to write die with the transaction.
      await client.query(
        `begin read only; select set_config('app.monthly_limit', '${Math.trunc(monthlyLimit)}', true)`,
      )
      const { rows } = await client.query<Row>(text, values)
      await client.query('commit')
      return rows
    } catch (error) {
      await client.query('rollback').catch((rollbackError: Error) => {
        broken = rollbackError
      })
      throw translateDatabaseError(error)
    } finally {
      client.release(broken)
    }
  },
})
