import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { startOperation } from '../../../src/commands/runs/start-operation.ts'
import {
  type AssignPlan,
  assignPlan,
  decideAssignPlan,
  type Plan,
} from '../../../src/commands/usage/assign-plan.ts'
import { admitToolCall, settleToolCall } from '../../../src/commands/usage/tool-calls.ts'
import type { Refusal } from '../../../src/errors.ts'
import { articleStream } from '../../../src/events/articles/article-events.ts'
import { usageStream } from '../../../src/events/usage/usage-events.ts'
import { operationsProjection } from '../../../src/projections/runs/operations.ts'
import { findPlan, plansProjection } from '../../../src/projections/usage/plans.ts'
import { reservedUnits, toolCallsProjection } from '../../../src/projections/usage/tool-calls.ts'
import { usageOf, usageProjection } from '../../../src/projections/usage/usage.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { appendTo } from '../../support/append-to.ts'
import * as facts from '../../support/article-facts.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { limits } from '../../support/limits.ts'
import { until } from '../../support/until.ts'
import { holdLock, waitingStatements } from '../../support/waiting-statements.ts'

const ada = caller('ada')
const plan = (given: Partial<Plan>): AssignPlan => ({ ...limits(given), assignedBy: null })

type World = Awaited<ReturnType<typeof commandWorld>>

const admit = (w: World, limit = 100, tool = 'get_article') =>
  admitToolCall(w.deps, ada, {
    callId: randomUUID(),
    tool,
    articleId: null,
    defaults: limits({ callsPerMonth: limit }),
  })

async function refusal(work: Promise<unknown>): Promise<Refusal> {
  return work.then(
    () => assert.fail('it was let through'),
    (error: Refusal) => error,
  )
}

const codes = (answers: PromiseSettledResult<unknown>[]) =>
  answers
    .filter((answer) => answer.status === 'rejected')
    .map(({ reason }) => (reason as Refusal).code)

describe('assigning a plan', () => {
  it('records it once, and a change as another', () => {
    const command = { ...plan({ callsPerMonth: 5 }), now: new Date(0) }
    assert.equal(decideAssignPlan(command, null).length, 1)
    assert.deepEqual(decideAssignPlan(command, command), [])
    const weights = { get_article: 2, list_articles: 3 }
    for (const change of [
      { callsPerMonth: 6 },
      { callsPerMinute: 1 },
      { concurrentOperations: 1 },
      { weights },
    ]) {
      assert.equal(decideAssignPlan(command, { ...command, ...change }).length, 1)
    }
    const turned = { list_articles: 3, get_article: 2 }
    assert.deepEqual(decideAssignPlan({ ...command, weights }, { ...command, weights: turned }), [])
  })

  it('counts for the next call, whether the projection has seen it or not', async () => {
    await using w = await commandWorld()
    assert.equal((await admit(w, 1)).limit, 1)
    assert.equal((await refusal(admit(w, 1))).code, 'QUOTA_EXCEEDED')
    await assignPlan(w.deps, ada, plan({ callsPerMonth: 2 }))
    assert.equal((await admit(w, 1)).limit, 2)
    await drainProjection(w.database.projector, plansProjection)
    assert.deepEqual((await refusal(admit(w, 100))).details.limit, 2)
    await assignPlan(w.deps, ada, plan({ callsPerMonth: 3 }))
    assert.equal((await findPlan(w.reader, 'ada', limits({ callsPerMonth: 1 }))).calls_per_month, 3)
    await admit(w, 1)
    await assignPlan(w.deps, ada, plan({}))
    assert.equal((await admit(w, 1)).limit, 0)
    assert.equal((await findPlan(w.reader, 'eve', limits({ callsPerMonth: 7 }))).calls_per_month, 7)
  })

  it('lets exactly what is left of the month through when fifty call at once', async () => {
    await using w = await commandWorld()
    await assignPlan(w.deps, ada, plan({ callsPerMonth: 20 }))
    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => admit(w)))
    assert.equal(codes(answers).length, 30)
  })
})

describe('weights', () => {
  const tool = 'run_perplexity_research'

  it('are of tools that exist, and one is what a call counts anyway', () => {
    const command = { ...plan({ weights: { [tool]: 5, get_article: 1 } }), now: new Date(0) }
    const [event] = decideAssignPlan(command, null)
    assert.deepEqual(event?.data.weights, { [tool]: 5 })
    assert.deepEqual(decideAssignPlan(command, limits({ weights: { [tool]: 5 } })), [])
    const misspelt = { ...command, weights: { run_perplexity_reserch: 5 } }
    assert.throws(() => decideAssignPlan(misspelt, null), { code: 'TOOL_UNKNOWN' })
  })

  it('are never overrun by parallel calls of any tools, projected or not', async () => {
    await using w = await commandWorld()
    await assignPlan(w.deps, ada, plan({ callsPerMonth: 20, weights: { [tool]: 3 } }))
    await admit(w)
    await drainProjection(w.database.projector, usageProjection)
    const draining = (async () => {
      for (let n = 0; n < 10; n++) await drainProjection(w.database.projector, usageProjection)
    })()
    const answers = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) => admit(w, 0, n % 2 ? tool : 'get_article')),
    )
    await draining
    const let_in = answers.filter((answer) => answer.status === 'fulfilled')
    const units = 1 + let_in.reduce((sum, { value }) => sum + value.weight, 0)
    assert.equal(units, 20, 'ones fill what threes leave')
    assert.equal(Math.max(...let_in.map(({ value }) => value.used)), 20)
    const { code, details, message } = await refusal(admit(w, 0, tool))
    assert.deepEqual([code, details.used, details.weight], ['QUOTA_EXCEEDED', 20, 3])
    assert.match(message, /this one counts 3/)
  })

  it('are given back as they were counted, whatever the plan says by then', async () => {
    await using w = await commandWorld()
    await assignPlan(w.deps, ada, plan({ callsPerMonth: 10, weights: { [tool]: 7 } }))
    const call = await admit(w, 0, tool)
    assert.deepEqual([call.used, call.weight], [7, 7])
    assert.equal((await refusal(admit(w, 0, tool))).code, 'QUOTA_EXCEEDED')
    await assignPlan(w.deps, ada, plan({ callsPerMonth: 10, weights: { [tool]: 2 } }))
    const nothing = { outcome: 'completed', code: null, itemsOk: 0, itemsFailed: 0 } as const
    await settleToolCall(w.deps, ada, call, {
      ...nothing,
      durationMs: 1,
      costUsd: null,
      refund: '0 of 3 items succeeded',
    })
    assert.equal((await admit(w, 0, tool)).used, 2)
    for (let n = 0; n < 3; n++) {
      const rows = await usageOf(w.reader, 'ada', '2026-05')
      const [row] = rows
      assert.deepEqual([rows.length, row?.calls, row?.refunds, row?.used], [1, 2, 1, 2])
      assert.equal(await reservedUnits(w.reader, 'ada', '2026-05'), 2)
      await drainProjection(w.database.projector, n ? toolCallsProjection : usageProjection)
    }
  })

  it('of nothing let a call in whatever is left, and leave the minute to others', async () => {
    await using w = await commandWorld()
    w.clock.now = new Date()
    const weights = { account_usage: 0 }
    await assignPlan(w.deps, ada, plan({ callsPerMonth: 2, callsPerMinute: 2, weights }))
    for (let n = 0; n < 4; n++) assert.equal((await admit(w, 0, 'account_usage')).used, 0)
    await admit(w)
    await admit(w)
    assert.equal((await refusal(admit(w))).code, 'QUOTA_EXCEEDED')
    assert.equal((await admit(w, 0, 'account_usage')).used, 2)
  })
})

describe('a burst', () => {
  it('lets exactly so many calls through in a minute, and records the others as refused', async () => {
    await using w = await commandWorld()
    w.clock.now = new Date()
    await assignPlan(w.deps, ada, plan({ callsPerMinute: 7 }))
    const answers = await Promise.allSettled(Array.from({ length: 30 }, () => admit(w)))
    assert.deepEqual(
      codes(answers),
      Array.from({ length: 23 }, () => 'RATE_LIMITED'),
    )
    const { details, retryable } = await refusal(admit(w))
    assert.ok(retryable && Number(details.retry_after) > 0 && Number(details.retry_after) <= 60)
    const month = w.clock.now.toISOString().slice(0, 7)
    const stream = { userId: 'ada', streamId: usageStream('ada', month) }
    const stored = await w.deps.store.read(stream)
    const refused = stored.filter(({ type }) => type === 'ToolCallRefused')
    assert.equal(refused.length, 24)
    const { reason, used, limit } = Object(refused[0]?.data)
    assert.deepEqual([reason, used, limit], ['minute', 7, 7])
    assert.equal(stored.filter(({ type }) => type === 'ToolCalled').length, 7)
  })

  it('is over a minute later, and refusals meanwhile do not prolong it', async () => {
    await using w = await commandWorld()
    w.clock.now = new Date()
    await assignPlan(w.deps, ada, plan({ callsPerMinute: 2 }))
    await admit(w)
    await admit(w)
    for (let n = 0; n < 20; n++) assert.equal((await refusal(admit(w))).code, 'RATE_LIMITED')
    await passMinute(w)
    await admit(w)
    await admit(w)
    assert.equal((await refusal(admit(w))).code, 'RATE_LIMITED')
  })
})

/** What is stored was recorded a minute earlier: the database's clock cannot be set. */
async function passMinute(w: World): Promise<void> {
  const client = await w.database.owner.connect()
  try {
    await client.query('set session_replication_role = replica')
    await client.query(`update nova.events set recorded_at = recorded_at - interval '61 seconds'`)
  } finally {
    client.release(true)
  }
}

describe('operations at once', () => {
  const tool = 'scrape_and_clean_other_urls'

  async function article(w: World): Promise<string> {
    const articleId = randomUUID()
    const created = { ...facts.created, data: { ...facts.created.data, article_id: articleId } }
    const stream = { userId: 'ada', streamId: articleStream(articleId) }
    await appendTo(w.deps.store, stream, [created, facts.extracted], {
      expectedVersion: 0,
      metadata: ada.metadata,
    })
    return articleId
  }

  const start = (w: World, articleId: string, operationsMax: number) =>
    startOperation(w.deps, ada, {
      articleId,
      tool,
      operationId: randomUUID(),
      month: '2026-05',
      weight: 1,
      operationsMax,
    })

  it('are exactly as many as the plan allows, over all articles, projected or not', async () => {
    await using w = await commandWorld()
    const articles = await Promise.all(Array.from({ length: 12 }, () => article(w)))
    const { owner } = w.database
    // They meet behind the count, so that all of them would find it free at once.
    await using gate = await holdLock(w.url, 'lock table nova.streams in share mode')
    const draining = (async () => {
      for (let n = 0; n < 20; n++) await drainProjection(w.database.projector, operationsProjection)
    })()
    const starting = Promise.allSettled(articles.map((id) => start(w, id, 3)))
    await until(async () => (await waitingStatements(owner)) >= 5, 'five waiting starts')
    await gate.open()
    const answers = await starting
    await draining
    assert.deepEqual(
      codes(answers),
      Array.from({ length: 9 }, () => 'OPERATIONS_TOO_MANY'),
    )
  })

  it('do not count when one is joined, and have room again when one has ended', async () => {
    await using w = await commandWorld()
    const [first = '', second = ''] = [await article(w), await article(w)]
    const { operation } = await start(w, first, 1)
    assert.equal((await start(w, first, 1)).joined, true)
    assert.deepEqual((await refusal(start(w, second, 1))).details, { max: 1 })
    const finished = facts.finished(tool, 'completed', 2, 0)
    const stream = { userId: 'ada', streamId: articleStream(first) }
    await appendTo(
      w.deps.store,
      stream,
      [{ ...finished, data: { ...finished.data, operation_id: operation?.id ?? '' } }],
      { expectedVersion: 'any', metadata: ada.metadata },
    )
    assert.equal((await start(w, second, 1)).joined, false)
  })

  it('are any number where 0 is the bound', async () => {
    await using w = await commandWorld()
    const articles = await Promise.all(Array.from({ length: 5 }, () => article(w)))
    const answers = await Promise.allSettled(articles.map((id) => start(w, id, 0)))
    assert.deepEqual(codes(answers), [])
  })

  it('lets a tool that weighs nothing in, also when more is used than the plan allows', async () => {
    await using w = await commandWorld()
    for (const _ of [1, 2]) await admit(w)
    await assignPlan(w.deps, ada, plan({ callsPerMonth: 1, weights: { list_articles: 0 } }))
    assert.equal((await refusal(admit(w))).code, 'QUOTA_EXCEEDED')
    const { used, weight } = await admit(w, 100, 'list_articles')
    assert.deepEqual({ used, weight }, { used: 2, weight: 0 })
  })
})
