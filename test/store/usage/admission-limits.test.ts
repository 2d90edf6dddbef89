import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { assignPlan } from '../../../src/commands/usage/assign-plan.ts'
import { admitToolCall } from '../../../src/commands/usage/tool-calls.ts'
import { usageMonth, usageStream } from '../../../src/events/usage/usage-events.ts'
import { findPlan, plansProjection } from '../../../src/projections/usage/plans.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { limits } from '../../support/limits.ts'
import { appendAt } from '../../support/old-usage.ts'

const ada = caller('ada')
type World = Awaited<ReturnType<typeof commandWorld>>

const admit = (w: World, defaults = limits()) =>
  admitToolCall(w.deps, ada, {
    callId: randomUUID(),
    tool: 'get_article',
    articleId: null,
    defaults,
  })

/** A call of the month of the world's clock, recorded at a time of the database: SQL. */
async function calledAt(w: World, at: string, weight = 1): Promise<void> {
  const stream = usageStream('ada', usageMonth(w.clock.now))
  const call = { call_id: randomUUID(), tool: 'get_article', article_id: null, weight }
  const called_at = w.clock.now.toISOString()
  await appendAt(w.database, 'ada', stream, 'ToolCalled', at, { ...call, called_at })
}

const secondsAgo = (seconds: number) => `(now() - interval '${seconds} seconds')`

/** What the newest refusal of the month holds, and when the calls before it were recorded. */
async function lastRefusal(w: World) {
  const streamId = usageStream('ada', usageMonth(w.clock.now))
  const stored = await w.deps.store.read({ userId: 'ada', streamId })
  return {
    refused: Object(stored.at(-1)?.data),
    called: stored.filter(({ type }) => type === 'ToolCalled').map(({ recordedAt }) => recordedAt),
  }
}

describe('what admission counts', { concurrency: true }, () => {
  it('refuses for the minute until a minute after the oldest call that fills it', async () => {
    await using w = await commandWorld()
    w.clock.now = new Date()
    for (const seconds of [59, 30, 20]) await calledAt(w, secondsAgo(seconds))
    await assert.rejects(admit(w, limits({ callsPerMinute: 2 })), { code: 'RATE_LIMITED' })
    const { refused, called } = await lastRefusal(w)
    const [, filling = assert.fail()] = called
    assert.equal(Date.parse(refused.resets_at), filling.getTime() + 60_000)
    assert.deepEqual([refused.used, refused.limit], [2, 2])
  })

  it('leaves out what was called over a minute ago or weighed nothing', async () => {
    await using w = await commandWorld()
    w.clock.now = new Date()
    for (const seconds of [300, 62, 61]) await calledAt(w, secondsAgo(seconds))
    await calledAt(w, secondsAgo(10), 0)
    await calledAt(w, secondsAgo(10))
    const defaults = limits({ callsPerMinute: 2 })
    await admit(w, defaults)
    await assert.rejects(admit(w, defaults), { code: 'RATE_LIMITED' })
  })

  it('counts a month that begins an hour early, for a server ahead of the database', async () => {
    await using w = await commandWorld()
    w.clock.now = new Date()
    const month = `${usageMonth(w.clock.now)}-01T00:00:00Z`
    const early = `(timestamptz '${month}' - interval '59 minutes')`
    await w.database.owner.query(
      `select nova.create_event_month(date_trunc('month', ${early} at time zone 'UTC')::date)`,
    )
    await calledAt(w, early)
    assert.equal((await admit(w)).used, 2)
  })
})

describe('the plan that counts', { concurrency: true }, () => {
  it('is the newest, and said to be assigned, before it is projected and after', async () => {
    await using w = await commandWorld()
    const plan = () => findPlan(w.reader, 'ada', limits({ callsPerMonth: 9 }))
    assert.equal((await plan()).assigned, false)
    for (const callsPerMonth of [5, 6]) {
      await assignPlan(w.deps, ada, { ...limits({ callsPerMonth }), assignedBy: null })
    }
    for (let n = 0; n < 2; n++) {
      const { assigned, calls_per_month } = await plan()
      assert.deepEqual([assigned, calls_per_month], [true, 6])
      await drainProjection(w.database.projector, plansProjection)
    }
  })
})
