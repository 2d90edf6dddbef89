import { createHash } from 'node:crypto'
import type pg from 'pg'
import { AnswerLost, isRolledBack, translateDatabaseError } from './database-error.ts'
import { inOneWrite } from './in-transaction.ts'

/**
 * Runs one statement as a user: row-level security shows and takes that user's rows only, whatever the
 * statement forgot. One round trip; the setting dies with the transaction, so nothing leaks into the
 * connection's next use.
 */
export async function asTenant<Row extends object>(
  pool: pg.Pool,
  userId: string,
  text: string,
  values: unknown[],
): Promise<Row[]> {
  try {
    return await runAsTenant<Row>(pool, userId, text, values)
  } catch (error) {
    // What was asked changes nothing, so it does not matter how far it came.
    throw translateDatabaseError(error instanceof AnswerLost ? error.cause : error)
  }
}

/** More texts than there are: one that is put together anew for each call must not fill the server's memory. */
const preparedMax = 200
const names = new Map<string, string>()

/** The name under which a connection keeps the statement: planning most of them takes longer than running them. */
function preparedName(text: string): string | undefined {
  const known = names.get(text)
  if (known || names.size >= preparedMax) return known
  // The first thing of ours that it names, for who reads the server's log.
  const about = /nova\.([a-z_]{1,30})/.exec(text)?.[1] ?? 'statement'
  const name = `nova_${createHash('sha256').update(text).digest('hex').slice(0, 16)}_${about}`
  names.set(text, name)
  return name
}

/** As `asTenant`, for a statement that changes something. Throws the database's errors, and AnswerLost. */
export async function runAsTenant<Row extends object>(
  pool: pg.Pool,
  userId: string,
  text: string,
  values: unknown[],
): Promise<Row[]> {
  const name = preparedName(text)
  const client = await pool.connect()
  // All three are on their way before the first is answered. After an error the commit rolls back; when
  // even the beginning fails, the statement acts as nobody, and nobody has no rows.
  const [begun, answered, ended] = await inOneWrite(client, () =>
    Promise.allSettled([
      client.query(
        `begin; select set_config('app.user_id', ${client.escapeLiteral(userId)}, true)`,
      ),
      client.query<Row>({ ...(name && { name }), text, values }),
      client.query('commit'),
    ]),
  )
  client.release(ended.status === 'rejected')
  for (const step of [begun, answered, ended]) {
    if (step.status === 'rejected')
      throw isRolledBack(step.reason) ? step.reason : new AnswerLost(step.reason)
  }
  return answered.status === 'fulfilled' ? answered.value.rows : []
}

/** Reads projections on behalf of one user. */
export interface TenantReader {
  query<Row extends object>(userId: string, text: string, values: unknown[]): Promise<Row[]>
}

export const createTenantReader = (pool: pg.Pool): TenantReader => ({
  query: (userId, text, values) => asTenant(pool, userId, text, values),
})
