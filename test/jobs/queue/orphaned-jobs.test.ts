import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pino from 'pino'
import { openJobQueue } from '../../../src/compose/compose-workers.ts'
import { operationQueueName } from '../../../src/jobs/queue/job-queues.ts'
import { findUnlockedJobs, rescueJobs } from '../../../src/jobs/queue/orphaned-jobs.ts'
import { freshDatabase, type TestDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'

const log = pino({ level: 'silent' })
const job = (operationId: string) => ({ userId: 'ada', articleId: 'a', operationId })

/** A queue with two jobs that count as worked on, of which a living process holds one. */
async function world(db: TestDatabase, closing: AsyncDisposableStack) {
  const { owner } = db.database
  const { boss, enqueue, locks } = await openJobQueue(db.database, log, false, closing)
  const take = async (operationId: string) => {
    await enqueue(job(operationId))
    const [taken] = await boss.fetch(operationQueueName)
    assert.ok(taken)
    return taken.id
  }
  const [held, orphaned] = [await take('held'), await take('orphaned')]
  const ended = Promise.withResolvers<void>()
  const working = locks.hold(held, () => ended.promise)
  const stateOf = async (id: string) => {
    const { rows } = await owner.query<{ state: string }>(
      'select state::text from pgboss.job where id = $1',
      [id],
    )
    return rows[0]?.state
  }
  const unlocked = async () => (await findUnlockedJobs(owner)).map(({ id }) => id)
  await until(async () => !(await unlocked()).includes(held), 'the lock to be taken')
  return {
    held,
    orphaned,
    owner,
    stateOf,
    unlocked,
    rescue: () => rescueJobs({ boss, owner, log }, closing),
    async end() {
      ended.resolve()
      await working
    },
  }
}

describe('the jobs of a process that was killed', { concurrency: true }, () => {
  it('are tried again without waiting for a heartbeat, and those of others left alone', async () => {
    await using db = await freshDatabase()
    await using closing = new AsyncDisposableStack()
    const w = await world(db, closing)
    await w.owner.query(`update pgboss.job set heartbeat_on = now() + interval '1 hour'`)
    w.rescue()
    await until(async () => (await w.stateOf(w.orphaned)) === 'retry', 'the job to be given back')
    await until(async () => {
      const { rowCount } = await w.owner.query(
        `select from pgboss.job where id = $1 and start_after <= now()`,
        [w.orphaned],
      )
      return rowCount === 1
    }, 'the job to be due at once')
    assert.equal(await w.stateOf(w.held), 'active')
    await w.end()
  })

  it('are told apart from those of a process that only lost its connection', async () => {
    await using db = await freshDatabase()
    await using closing = new AsyncDisposableStack()
    const w = await world(db, closing)
    const { rows } = await w.owner.query<{ pid: number }>(
      `select l.pid from pg_locks l join pg_database d on d.oid = l.database
       where l.locktype = 'advisory' and l.mode = 'ShareLock' and d.datname = current_database()`,
    )
    assert.equal(rows.length, 1)
    await w.owner.query('select pg_terminate_backend($1, 5000)', [rows[0]?.pid])
    await until(async () => !(await w.unlocked()).includes(w.held), 'the lock to be taken again')
    await w.end()
    assert.deepEqual((await w.unlocked()).toSorted(), [w.held, w.orphaned].toSorted())
  })
})
