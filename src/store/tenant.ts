import type pg from 'pg'
import { translateDatabaseError } from './database-error.ts'

/**
 * Runs one statement as a user: row-level security shows and takes that user's rows only, whatever the
 * statement forgot. Three round trips; the setting dies with the transaction, so nothing leaks into the
 * connection's next use.
 */
export async function asTenant<Row extends object>(
  pool: pg.Pool,
  userId: string,
  text: string,
  values: unknown[],
): Promise<Row[]> {
  let client: pg.PoolClient
  try {
    client = await pool.connect()
  } catch (error) {
    throw translateDatabaseError(error)
  }
  let broken: Error | undefined
  try {
    await client.query(
      `begin; select set_config('app.user_id', ${client.escapeLiteral(userId)}, true)`,
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
}

/** Reads projections on behalf of one user. */
export interface TenantReader {
  query<Row extends object>(userId: string, text: string, values: unknown[]): Promise<Row[]>
}

export const createTenantReader = (pool: pg.Pool): TenantReader => ({
  query: (userId, text, values) => asTenant(pool, userId, text, values),
})
