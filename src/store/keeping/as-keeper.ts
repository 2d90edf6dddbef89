import type pg from 'pg'
import { translateDatabaseError } from '../database-error.ts'

/**
 * One transaction of an operator, over all users: as nova_keeper, or as the owner where tables change. A
 * lock that others hold is waited for ten seconds, so that nobody queues behind us for longer.
 */
export async function asKeeper<Result>(
  owner: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
  options: { role: 'keeper' | 'owner'; isolation?: 'repeatable read' } = { role: 'keeper' },
): Promise<Result> {
  let client: pg.PoolClient
  try {
    client = await owner.connect()
  } catch (error) {
    throw translateDatabaseError(error)
  }
  let broken: Error | undefined
  try {
    const isolation = options.isolation ?? 'read committed'
    await client.query(`begin isolation level ${isolation}; set local lock_timeout = '10s'`)
    if (options.role === 'keeper') await client.query('set local role nova_keeper')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken = rollbackError
    })
    throw translateDatabaseError(error)
  } finally {
    client.release(broken)
  }
}
