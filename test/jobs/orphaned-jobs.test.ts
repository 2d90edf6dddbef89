import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pino from 'pino'
import { openJobQueue } from '../../src/compose-workers.ts'
import { operationQueueName } from '../../src/jobs/job-queues.ts'
import { findOrphanedJobs } from '../../src/jobs/orphaned-jobs.ts'
import { openDatabase } from '../../src/store/database.ts'
import { freshDatabase, settingsFor } from '../support/database.ts'
import { until } from '../support/until.ts'

const log = pino({ level: 'silent' })
const job = { userId: 'ada', articleId: 'a', operationId: 'op1' }

/** A process that has taken a job and holds it. */
async function holder(url: string) {
  const database = await openDatabase(settingsFor(url))
  const closing = new AsyncDisposableStack()
  closing.defer(() => database.close())
  const { boss, enqueue } = await openJobQueue(database, log, false, closing)
  await enqueue(job)
  const [taken] = await boss.fetch(operationQueueName)
  assert.ok(taken)
  return {
    end: () => closing.disposeAsync(),
  }
}

describe('the jobs of a process that was killed', { concurrency: true }, () => {
  it('are tried again as soon as the next one starts, without waiting for a heartbeat', async () => {
    await using db = await freshDatabase()
    const killed = await holder(db.url)
    await killed.end()
    const stateOf = async () => {
      const { rows } = await db.database.owner.query<{ state: string }>(
        `select state::text from pgboss.job where name = '${operationQueueName}'`,
      )
      return rows[0]?.state
    }
    assert.equal(await stateOf(), 'active')
    await using closing = new AsyncDisposableStack()
    await openJobQueue(db.database, log, true, closing)
    assert.equal(await stateOf(), 'retry')
  })

  it('are left alone while any process is connected: they may be its own', async () => {
    await using db = await freshDatabase()
    const alive = await holder(db.url)
    assert.deepEqual(await findOrphanedJobs(db.database.owner), [])
    await alive.end()
    await until(
      async () => (await findOrphanedJobs(db.database.owner)).length === 1,
      'one orphaned job',
    )
  })
})
