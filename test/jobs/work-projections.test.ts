import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type pg from 'pg'
import pino from 'pino'
import { admitToolCall } from '../../src/commands/usage/tool-calls.ts'
import { composeStores, type Stores } from '../../src/compose/compose-stores.ts'
import { JobLocks } from '../../src/jobs/queue/job-locks.ts'
import { createQueues, projectionQueueName, startBoss } from '../../src/jobs/queue/job-queues.ts'
import { wakeProjections, workProjections } from '../../src/jobs/work-projections.ts'
import { plansProjection } from '../../src/projections/usage/plans.ts'
import { usageProjection } from '../../src/projections/usage/usage.ts'
import { caller, commandWorld } from '../support/command-world.ts'
import { limits } from '../support/limits.ts'
import { until } from '../support/until.ts'

const log = pino({ level: 'silent' })
const queueName = projectionQueueName('usage')

/** A process of a deployment, as far as projections go. */
async function world() {
  const w = await commandWorld()
  const { owner, projector } = w.database
  const { signal } = w.deps
  const closing = new AsyncDisposableStack()
  closing.use(w)
  const boss = await startBoss(w.database.connection(), { supervise: true, log }, closing)
  await createQueues(boss, ['usage', 'plans'])
  const queue = { boss, locks: new JobLocks(w.database.connection(), log, closing) }
  const deps = { queue, projector, signal, log }
  /** Appends as a process with those stores does. */
  const append = async (callId: string, from: Stores = w.deps) => {
    await admitToolCall(from, caller('ada'), {
      callId,
      tool: 'list_articles',
      articleId: null,
      defaults: limits(),
    })
  }
  const one = async (sql: string) => (await owner.query<{ n: number }>(sql)).rows[0]?.n ?? 0
  return {
    deps,
    append,
    folded: (calls: number) =>
      until(
        async () => (await one('select sum(calls)::int as n from nova.usage')) === calls,
        `${calls} folded calls`,
      ),
    jobs: (state: string) =>
      one(
        `select count(*)::int as n from pgboss.job where name = '${queueName}' and state = '${state}'`,
      ),
    database: w.database,
    now: w.deps.now,
    sql: (text: string) => owner.query(text),
    work: (projector = deps.projector) =>
      workProjections({ ...deps, projector }, [usageProjection, plansProjection], closing),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

describe('working projections', { concurrency: true }, () => {
  it('asks for the job again after it failed and another process finished its retry', async () => {
    await using w = await world()
    await w.append('one')
    await w.sql('alter table nova.projections rename to away')
    await w.work()
    await until(async () => (await w.jobs('retry')) === 1, 'the job to be tried again')
    await w.sql(`delete from pgboss.job where name = '${queueName}'`)
    await w.sql('alter table nova.away rename to projections')
    await w.append('two')
    await w.folded(2)
  })

  it('folds what a process without workers appended, also when the worker was at rest', async () => {
    await using w = await world()
    await w.work()
    const elsewhere = { ...composeStores(w.database), now: w.now }
    const { signal } = elsewhere
    const waking = wakeProjections({ boss: w.deps.queue.boss, signal, log }, [usageProjection])
    try {
      await until(async () => (await w.jobs('completed')) === 1, 'the job to be completed')
      await w.append('one', elsewhere)
      await w.folded(1)
      await w.append('two', elsewhere)
      await w.append('three', elsewhere)
      await w.folded(3)
    } finally {
      waking.stop()
    }
  })

  it('folds what came between the last look and the end of the lease', async () => {
    await using w = await world()
    const began = Date.now()
    let isLate = false
    // The last look has seen nothing, and something is appended before the lease is given back.
    const projector = afterLooks(w.deps.projector, async () => {
      if (isLate || Date.now() - began < 2100) return
      isLate = true
      await w.append('late')
    })
    await w.work(projector)
    await w.folded(1)
    assert.ok(isLate)
  })

  it('moves the checkpoint of a projection that had nothing to fold when it gives back its lease', async () => {
    await using w = await world()
    await w.work()
    await w.append('one')
    await w.folded(1)
    const { rows } = await w.sql('select last_value as last from nova.position_seq')
    await until(async () => {
      const plans = await w.sql(`select position from nova.projections where name = 'plans'`)
      return plans.rows[0]?.position === rows[0]?.last
    }, 'the checkpoint of the plans to move')
  })
})

/** The pool, and what happens between the answer to a look at what came and its use. */
const afterLooks = (pool: pg.Pool, after: () => Promise<void>): pg.Pool =>
  new Proxy(pool, {
    get(target, key) {
      if (key !== 'query') return target[key as keyof pg.Pool]
      return async (query: pg.QueryConfig) => {
        const answer = await target.query(query)
        if (query.name === 'nova_arrived') await after()
        return answer
      }
    },
  })
