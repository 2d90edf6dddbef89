import assert from 'node:assert/strict'
import { it } from 'node:test'
import pino from 'pino'
import { openJobQueue } from '../../../src/compose/compose-workers.ts'
import { operationQueueName } from '../../../src/jobs/queue/job-queues.ts'
import type { OperationJob } from '../../../src/jobs/runs/send-operation.ts'
import { freshDatabase } from '../../support/database.ts'

it('an operation takes its place by the clock of the database, whatever that of its server says', async (t) => {
  await using db = await freshDatabase()
  await using closing = new AsyncDisposableStack()
  const { boss, enqueue } = await openJobQueue(
    db.database,
    pino({ level: 'silent' }),
    false,
    closing,
  )
  const job = (userId: string) => ({ userId, articleId: 'a', operationId: `of ${userId}` })
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 3_600_000 })
  await enqueue(job('ada'))
  t.mock.timers.reset()
  await enqueue(job('ben'))
  const [taken] = await boss.fetch<OperationJob>(operationQueueName)
  assert.equal(taken?.data.userId, 'ada')
})
