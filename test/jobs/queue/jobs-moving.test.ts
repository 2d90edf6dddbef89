import assert from 'node:assert/strict'
import { it } from 'node:test'
import { PgBoss } from 'pg-boss'
import { jobsMoving } from '../../../src/jobs/queue/job-queues.ts'
import { freshDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'

it('a worker that asks the queue moves; one that has not been answered for long does not', async () => {
  await using db = await freshDatabase()
  const boss = new PgBoss({ ...db.database.connection(), schema: 'pgboss', supervise: false })
  boss.on('error', () => {})
  await boss.start()
  try {
    await boss.createQueue('quiet')
    await boss.work('quiet', { pollingIntervalSeconds: 0.5 }, async () => {})
    const fetched = () => boss.getWipData().some(({ lastFetchedOn }) => lastFetchedOn !== null)
    await until(fetched, 'a first look for jobs')
    assert.equal(jobsMoving(boss), 'taken')
    assert.deepEqual(jobsMoving(boss, Date.now() + 60_000), {
      problem: 'no answer from the queue for 20 s: quiet',
    })

    // One that works on a job does not ask.
    const gate = Promise.withResolvers<void>()
    await boss.createQueue('busy')
    await boss.work('busy', { pollingIntervalSeconds: 0.5 }, () => gate.promise)
    await boss.send('busy', {})
    const isBusy = () => boss.getWipData().some(({ name, count }) => name === 'busy' && count > 0)
    await until(isBusy, 'the job in hand')
    const { problem = '' } = jobsMoving(boss, Date.now() + 60_000) as { problem?: string }
    assert.doesNotMatch(problem, /busy/)
    gate.resolve()
  } finally {
    await boss.stop({ graceful: false })
  }
})
