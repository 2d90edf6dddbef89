import type pg from 'pg'
import { AnswerLost, isRolledBack } from './database-error.ts'

/**
 * Runs the work in a transaction of its own, begun with `begin`. Throws what failed, as it came, after
 * rolling back, and AnswerLost when it is not known whether the commit was done. A connection that cannot
 * even roll back is not used again.
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  begin: string,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query(begin)
    const result = await work(client)
    await commit(client)
    return result
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken = rollbackError
    })
    throw error
  } finally {
    client.release(broken)
  }
}

/** What is sent meanwhile leaves in one write: each costs Node as much as the rest of a statement does. */
export function inOneWrite<Result>(client: pg.PoolClient, send: () => Result): Result {
  const { stream } = client.connection
  stream.cork()
  try {
    return send()
  } finally {
    stream.uncork()
  }
}

async function commit(client: pg.PoolClient): Promise<void> {
  try {
    await client.query('commit')
  } catch (error) {
    throw isRolledBack(error) ? error : new AnswerLost(error)
  }
}
