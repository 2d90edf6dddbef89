import type pg from 'pg'
import { translateDatabaseError } from '../database/database-error.ts'
import { inTransaction } from '../database/in-transaction.ts'

/**
 * One transaction of an operator, over all users: as nova_keeper, or as the owner where tables change. A
 * lock that others hold is waited for ten seconds, so that statements queue behind us no longer.
 */
export async function asKeeper<Result>(
  owner: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
  options: { role: 'keeper' | 'owner'; isolation?: 'repeatable read' } = { role: 'keeper' },
): Promise<Result> {
  const { role, isolation = 'read committed' } = options
  const begin = `begin isolation level ${isolation}; set local lock_timeout = '10s'`
  const asRole = role === 'keeper' ? '; set local role nova_keeper' : ''
  try {
    return await inTransaction(owner, begin + asRole, work)
  } catch (error) {
    throw translateDatabaseError(error)
  }
}
