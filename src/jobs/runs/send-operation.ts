import type pg from 'pg'
import type { PgBoss } from 'pg-boss'
import { AnswerLost, translateDatabaseError } from '../../store/database/database-error.ts'
import { inTransaction } from '../../store/database/in-transaction.ts'
import { operationQueueName } from '../queue/job-queues.ts'

/** What one operation of a user puts the next of theirs behind: about as long as one takes. */
const turnSeconds = 60
/** Priorities are 32 bits wide; seconds since 2025 last until 2093. */
const zero = '2025-01-01Z'

/**
 * Sends an operation to the queue, once. It takes its place by the database's clock, since those of servers
 * differ, and each operation that its user has there already counts as a turn later: who comes with one waits
 * for no other's twenty, and who comes with twenty is not overtaken for ever. Throws DATABASE_UNAVAILABLE.
 */
export async function sendOperation(
  boss: PgBoss,
  owner: pg.Pool,
  job: OperationJob,
): Promise<void> {
  try {
    await inTransaction(owner, 'begin', (client) => sendOnce(boss, client, job))
  } catch (error) {
    // Whether it was sent or not, it can be sent again.
    throw translateDatabaseError(error instanceof AnswerLost ? error.cause : error)
  }
}

async function sendOnce(boss: PgBoss, client: pg.PoolClient, job: OperationJob): Promise<void> {
  // Two at once of one user would count each other out.
  await client.query(`select pg_advisory_xact_lock(hashtext('nova turns'), hashtext($1))`, [
    job.userId,
  ])
  const { rows } = await client.query<{ ahead: number; sent: boolean; second: number }>(
    `select count(*) as ahead, coalesce(bool_or(singleton_key = $3), false) as sent,
            floor(extract(epoch from clock_timestamp() - $4::timestamptz))::int as second
       from pgboss.job where name = $1 and group_id = $2 and state < 'completed'`,
    [operationQueueName, job.userId, job.operationId, zero],
  )
  const [place] = rows
  if (place && !place.sent) {
    const turn = place.second + place.ahead * turnSeconds
    await boss.send(operationQueueName, job, {
      singletonKey: job.operationId,
      group: { id: job.userId },
      priority: -turn,
      db: { executeSql: (text, values) => client.query(text, values) },
    })
  }
}

/** Where the work of an operation is; ids only, since job rows are readable without row-level security. */
export interface OperationJob {
  userId: string
  articleId: string
  operationId: string
}
