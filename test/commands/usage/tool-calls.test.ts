import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assignPlan } from '../../../src/commands/usage/assign-plan.ts'
import {
  admitToolCall,
  type SettleToolCall,
  settleToolCall,
} from '../../../src/commands/usage/tool-calls.ts'
import { Refusal } from '../../../src/errors.ts'
import { eventRegistry } from '../../../src/events/registry.ts'
import { usageMonth, usageStream } from '../../../src/events/usage/usage-events.ts'
import { toolCallsProjection } from '../../../src/projections/usage/tool-calls.ts'
import { usageProjection } from '../../../src/projections/usage/usage.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { limits } from '../../support/limits.ts'
import { appendAt } from '../../support/old-usage.ts'
import { until } from '../../support/until.ts'
import { holdLock, waitingStatements } from '../../support/waiting-statements.ts'

const ada = caller('ada')
const call = (n: number, limit: number) => ({
  callId: `call${n}`,
  tool: 'get_article',
  articleId: null,
  defaults: limits({ callsPerMonth: limit }),
})
const done: SettleToolCall = {
  outcome: 'completed',
  code: null,
  itemsOk: 1,
  itemsFailed: 0,
  durationMs: 5,
  costUsd: null,
  refund: null,
}

describe('admission of tool calls', { concurrency: true }, () => {
  it('lets exactly what is left through when fifty call at once, projected or not', async () => {
    await using w = await commandWorld()
    for (let n = 0; n < 7; n++) await admitToolCall(w.deps, ada, call(n, 20))
    await drainProjection(w.database.projector, usageProjection)
    for (let n = 7; n < 10; n++) await admitToolCall(w.deps, ada, call(n, 20))
    const draining = (async () => {
      for (let n = 0; n < 20; n++) await drainProjection(w.database.projector, usageProjection)
    })()
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) => admitToolCall(w.deps, ada, call(100 + n, 20))),
    )
    await draining
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 10)
    const stored = await w.deps.store.read({
      userId: 'ada',
      streamId: usageStream('ada', '2026-05'),
    })
    assert.equal(stored.filter(({ type }) => type === 'ToolCalled').length, 20)
    assert.equal(stored.filter(({ type }) => type === 'ToolCallRefused').length, 40)
  })

  it('stores whole events, let in or not, whatever of them is decided in the database', async () => {
    await using w = await commandWorld()
    const rapid = { ...call(3, 0), defaults: limits({ callsPerMonth: 0, callsPerMinute: 1 }) }
    await admitToolCall(w.deps, ada, call(1, 1))
    await assert.rejects(admitToolCall(w.deps, ada, call(2, 1)), { code: 'QUOTA_EXCEEDED' })
    await assert.rejects(admitToolCall(w.deps, ada, rapid), { code: 'RATE_LIMITED' })
    const stored = await w.deps.store.read({
      userId: 'ada',
      streamId: usageStream('ada', '2026-05'),
    })
    const decided = stored.map(({ type, schemaVersion, data }) => {
      const definition = eventRegistry.get(type) ?? assert.fail()
      assert.equal(schemaVersion, definition.version)
      const whole = definition.schema.parse(data) as Record<string, unknown>
      return [type, whole.weight, whole.reason, whole.used, whole.limit]
    })
    assert.deepEqual(decided, [
      ['ToolCalled', 1, undefined, undefined, undefined],
      ['ToolCallRefused', 1, 'month', 1, 1],
      ['ToolCallRefused', 1, 'minute', 1, 1],
    ])
  })

  it('says in a refusal what was used, the limit and when it resets', async () => {
    await using w = await commandWorld()
    await admitToolCall(w.deps, ada, call(1, 1))
    await assert.rejects(admitToolCall(w.deps, ada, call(2, 1)), (error) => {
      assert.ok(error instanceof Refusal && error.code === 'QUOTA_EXCEEDED')
      const resets_at = '2026-06-01T00:00:00.000Z'
      assert.deepEqual(error.details, { used: 1, limit: 1, weight: 1, resets_at })
      return true
    })
  })

  it('records every call and refuses none when the limit is 0', async () => {
    await using w = await commandWorld()
    for (let n = 0; n < 5; n++)
      assert.equal((await admitToolCall(w.deps, ada, call(n, 0))).used, n + 1)
  })

  it('begins anew at midnight UTC on the first of the month', async () => {
    await using w = await commandWorld()
    w.clock.now = new Date('2026-05-31T23:59:59.999Z')
    await admitToolCall(w.deps, ada, call(1, 1))
    await assert.rejects(admitToolCall(w.deps, ada, call(2, 1)), Refusal)
    w.clock.now = new Date('2026-06-01T00:00:00.000Z')
    assert.equal((await admitToolCall(w.deps, ada, call(3, 1))).used, 1)
  })

  it('of users without a plan is bounded by the minute that everybody has', async () => {
    await using w = await commandWorld()
    w.clock.now = new Date()
    const defaults = limits({ callsPerMinute: 4 })
    const answers = await Promise.allSettled(
      Array.from({ length: 12 }, (_, n) => admitToolCall(w.deps, ada, { ...call(n, 0), defaults })),
    )
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 4)
  })

  it('lets a free call in at any limit, on record and counting nothing', async () => {
    await using w = await commandWorld()
    w.clock.now = new Date()
    const defaults = limits({ callsPerMonth: 1, callsPerMinute: 1 })
    const admit = (n: number, free: boolean) =>
      admitToolCall(w.deps, ada, { ...call(n, 1), defaults, free })
    for (let n = 0; n < 3; n++) assert.equal((await admit(n, true)).used, 0)
    assert.equal((await admit(3, false)).used, 1)
    assert.deepEqual([(await admit(4, true)).used, (await admit(5, true)).weight], [1, 0])
    await assert.rejects(admit(6, false), Refusal)
  })

  it('counts each user for themselves', async () => {
    await using w = await commandWorld()
    await admitToolCall(w.deps, ada, call(1, 1))
    assert.equal((await admitToolCall(w.deps, caller('eve'), call(1, 1))).used, 1)
  })
})

describe('settling a tool call', { concurrency: true }, () => {
  it('gives the unit of a call without work back, once, however often it is settled', async () => {
    await using w = await commandWorld()
    const admitted = await admitToolCall(w.deps, ada, call(1, 2))
    const refund = { ...done, outcome: 'failed' as const, refund: '0 of 3 items succeeded' }
    await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        settleToolCall(w.deps, ada, admitted, { ...refund, durationMs: n }),
      ),
    )
    await settleToolCall(w.deps, ada, admitted, done)
    assert.equal((await admitToolCall(w.deps, ada, call(2, 2))).used, 1)
    const stored = await w.deps.store.read({
      userId: 'ada',
      streamId: usageStream('ada', '2026-05'),
    })
    assert.deepEqual(
      stored.map(({ type }) => type),
      ['ToolCalled', 'ToolCallSettled', 'ToolCallRefunded', 'ToolCalled'],
    )
  })

  it('gives back once also when two settlements meet', async () => {
    await using w = await commandWorld()
    const { owner } = w.database
    const admitted = await admitToolCall(w.deps, ada, call(1, 2))
    await using gate = await holdLock(w.url, 'select from nova.streams for update')
    const settling = Promise.all(
      [1, 2].map(() => settleToolCall(w.deps, ada, admitted, { ...done, refund: 'nothing to do' })),
    )
    await until(async () => (await waitingStatements(owner)) === 2, 'two settlements to wait')
    await gate.open()
    await settling
    const stream = { userId: 'ada', streamId: usageStream('ada', '2026-05') }
    assert.deepEqual(
      (await w.deps.store.read(stream)).map(({ type }) => type),
      ['ToolCalled', 'ToolCallSettled', 'ToolCallRefunded'],
    )
  })

  it('settles once also when the second attempt comes weeks later, projected or not', async () => {
    await using w = await commandWorld()
    const admitted = [await admitToolCall(w.deps, ada, call(1, 0))]
    await settleToolCall(w.deps, ada, admitted[0] ?? assert.fail(), { ...done, refund: 'nothing' })
    for (let n = 2; n < 60; n++) admitted.push(await admitToolCall(w.deps, ada, call(n, 0)))
    const [first = assert.fail()] = admitted
    w.clock.now = new Date('2026-06-20T12:00:00.000Z')
    await w.database.owner.query('delete from nova.append_requests')
    await settleToolCall(w.deps, ada, first, done)
    await drainProjection(w.database.projector, toolCallsProjection)
    await settleToolCall(w.deps, ada, first, { ...done, refund: 'nothing' })
    const stream = { userId: 'ada', streamId: usageStream('ada', '2026-05') }
    const types = (await w.deps.store.read(stream)).map(({ type }) => type)
    assert.equal(types.filter((type) => type !== 'ToolCalled').length, 2)
  })

  it('gives back what the call weighed, before the projection has seen it and after', async () => {
    await using w = await commandWorld()
    const weighted = { ...call(1, 0), defaults: limits() }
    const plan = {
      ...limits({ callsPerMonth: 100, weights: { get_article: 3 } }),
      assignedBy: null,
    }
    await assignPlan(w.deps, ada, plan)
    const first = await admitToolCall(w.deps, ada, weighted)
    assert.equal(first.used, 3)
    await drainProjection(w.database.projector, usageProjection)
    await settleToolCall(w.deps, ada, first, { ...done, refund: 'nothing to do' })
    const second = await admitToolCall(w.deps, ada, { ...weighted, callId: 'call2' })
    assert.equal(second.used, 3)
    await drainProjection(w.database.projector, usageProjection)
    const third = await admitToolCall(w.deps, ada, { ...weighted, callId: 'call3' })
    assert.equal(third.used, 6)
  })

  it('counts one for a call of before there were weights, projected or not', async () => {
    await using w = await commandWorld()
    w.clock.now = new Date()
    const stream = usageStream('ada', usageMonth(w.clock.now))
    const old = { call_id: 'old', tool: 'get_article', article_id: null }
    const called_at = w.clock.now.toISOString()
    await appendAt(w.database, 'ada', stream, 'ToolCalled', '(now())', { ...old, called_at })
    assert.equal((await admitToolCall(w.deps, ada, call(1, 0))).used, 2)
    await drainProjection(w.database.projector, usageProjection)
    assert.equal((await admitToolCall(w.deps, ada, call(2, 0))).used, 3)
  })

  it('counts a refund before the projection has seen it, and after', async () => {
    await using w = await commandWorld()
    const first = await admitToolCall(w.deps, ada, call(1, 1))
    await drainProjection(w.database.projector, usageProjection)
    await settleToolCall(w.deps, ada, first, { ...done, refund: 'nothing to do' })
    const second = await admitToolCall(w.deps, ada, call(2, 1))
    assert.equal(second.used, 1)
    await settleToolCall(w.deps, ada, second, { ...done, refund: 'nothing to do' })
    await drainProjection(w.database.projector, usageProjection)
    assert.equal((await admitToolCall(w.deps, ada, call(3, 1))).used, 1)
  })
})
