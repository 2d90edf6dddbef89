import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { CallLedger, callKey } from '../../../src/commands/usage/call-ledger.ts'
import { admitToolCall, type SettleToolCall } from '../../../src/commands/usage/tool-calls.ts'
import { articleStream } from '../../../src/events/articles/article-events.ts'
import { usageStream } from '../../../src/events/usage/usage-events.ts'
import { appendTo } from '../../support/append-to.ts'
import * as facts from '../../support/article-facts.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { limits } from '../../support/limits.ts'
import { until } from '../../support/until.ts'
import { holdLock, waitingStatements } from '../../support/waiting-statements.ts'

const ada = caller('ada')
const completed: SettleToolCall = {
  outcome: 'completed',
  code: null,
  itemsOk: 0,
  itemsFailed: 0,
  durationMs: 5,
  costUsd: null,
  refund: null,
}
const tool = 'create_article'
const key = callKey('ada', tool, { guideline: '# A' })

async function world(certainMs = 60_000) {
  const w = await commandWorld()
  w.clock.now = new Date()
  const warnings: string[] = []
  const deps = {
    ...w.deps,
    effects: w.deps.effects,
    log: { warn: (_details: object, message: string) => void warnings.push(message) },
  }
  const ledger = new CallLedger(deps, { certainMs })
  const call = await admitToolCall(w.deps, ada, {
    callId: 'call1',
    tool,
    articleId: null,
    defaults: limits(),
  })
  const usage = async () => {
    const stream = { userId: 'ada', streamId: usageStream('ada', call.month) }
    const stored = await w.deps.store.read(stream)
    return stored.map(({ type, data }) => ({ ...(data as { code?: string }), type }))
  }
  const { owner } = w.database
  /** By want of memory, which passes, unless told otherwise. */
  const breakUsage = (code = '53200') =>
    owner.query(`create function nova.fail() returns trigger language plpgsql as
      $$ begin raise 'out of memory' using errcode = '${code}'; end $$;
      create trigger failing before insert on nova.events for each row
      when (new.type like 'ToolCall%') execute function nova.fail()`)
  const mendUsage = () => owner.query('drop trigger failing on nova.events')
  return { ...w, ledger, call, usage, warnings, breakUsage, mendUsage }
}

/** An event that names the call as what began it. */
const work = (w: Awaited<ReturnType<typeof world>>) =>
  createArticle(
    w.deps,
    { userId: 'ada', metadata: { actor: 'agent', correlation_id: 'call1' } },
    { guideline: Buffer.from('# A') },
  )

describe('the ledger of calls', { concurrency: true }, () => {
  it('settles at once, and what the database refuses as soon as it takes it', async () => {
    await using w = await world()
    await w.breakUsage()
    await w.ledger.settle(ada, w.call, completed)
    assert.equal((await w.usage()).length, 1, 'refused')
    await w.mendUsage()
    await until(async () => (await w.usage()).length === 2, 'two events of usage')
    const [, settled] = await w.usage()
    assert.deepEqual([settled?.type, settled?.code], ['ToolCallSettled', null])
    await w.ledger.stop()
    assert.ok(!w.warnings.includes('calls are left open for housekeeping'))
  })

  it('asks a database that refuses less and less often', async () => {
    await using w = await world()
    await w.breakUsage()
    const attempts = () => w.warnings.filter((warning) => warning === 'call not settled').length
    const begun = performance.now()
    await w.ledger.settle(ada, w.call, completed)
    await until(() => attempts() === 5, 'the fifth attempt')
    // 250, 500, 1000 and 2000 ms lie between five attempts at least, a little less by the timers' clock.
    assert.ok(performance.now() - begun > 3_700)
    await w.ledger.stop()
  })

  it('settles at the stop what was waiting', async () => {
    await using w = await world()
    await w.breakUsage()
    for (let n = 0; n < 3; n++)
      await w.ledger.settle(ada, { ...w.call, callId: `c${n}` }, completed)
    await w.mendUsage()
    await w.ledger.stop()
    const settled = (await w.usage()).filter(({ type }) => type === 'ToolCallSettled')
    assert.equal(settled.length, 3)
  })

  it('says at the stop that calls stay open when they cannot be settled', async () => {
    await using w = await world()
    await w.breakUsage()
    await w.ledger.settle(ada, w.call, completed)
    await w.ledger.stop()
    assert.ok(w.warnings.includes('calls are left open for housekeeping'))
  })

  it('counts a call of which nobody knew, when it has changed something', async () => {
    await using w = await world()
    w.ledger.findOut(ada, w.call, key)
    await work(w)
    await until(async () => (await w.usage()).length > 1, 'a second event of usage')
    const [, settled, ...more] = await w.usage()
    assert.deepEqual([settled?.type, settled?.code, more], ['ToolCallSettled', 'ANSWER_LOST', []])
    await w.ledger.stop()
  })

  it('gives it back when it has changed nothing, and not before that is certain', async () => {
    await using w = await world(60_000)
    w.ledger.findOut(ada, w.call, key)
    await w.ledger.stop()
    assert.equal((await w.usage()).length, 1, 'it may still be running')
    await using certain = await world(0)
    certain.ledger.findOut(ada, certain.call, key)
    await until(async () => (await certain.usage()).length === 3, 'three events of usage')
    const [, settled, refunded] = await certain.usage()
    assert.deepEqual([settled?.code, refunded?.type], ['DATABASE_UNAVAILABLE', 'ToolCallRefunded'])
    await certain.ledger.stop()
  })

  it('knows the call that the same call repeats, and no other', async () => {
    await using w = await world()
    assert.equal(w.ledger.lostBefore(key), null)
    w.ledger.findOut(ada, w.call, key)
    assert.equal(w.ledger.lostBefore(key), 'call1')
    const others = [
      callKey('ben', tool, { guideline: '# A' }),
      callKey('ada', 'get_article', { guideline: '# A' }),
      callKey('ada', tool, { guideline: '# B' }),
    ]
    for (const other of others) assert.equal(w.ledger.lostBefore(other), null)
    await w.ledger.stop()
  })

  it('leaves a call that began an operation to its job', async () => {
    await using w = await world(0)
    const stream = { userId: 'ada', streamId: articleStream(facts.articleId) }
    const begun = facts.started('scrape_and_clean_other_urls', [1], 'call1')
    await appendTo(w.deps.store, stream, [facts.created, begun], {
      expectedVersion: 0,
      metadata: { actor: 'agent', correlation_id: 'call1' },
    })
    w.ledger.findOut(ada, w.call, key)
    await w.ledger.stop()
    assert.equal((await w.usage()).length, 1, 'settled beside the job')
    assert.deepEqual(w.warnings, [])
  })

  it('waits at the stop for a settlement that is on its way', async () => {
    await using w = await world()
    const { owner } = w.database
    await using gate = await holdLock(w.url, 'select from nova.streams for update')
    const settling = w.ledger.settle(ada, w.call, completed)
    await until(async () => (await waitingStatements(owner)) === 1, 'the settlement to wait')
    let stopped = false
    const stopping = w.ledger.stop().then(() => {
      stopped = true
    })
    await owner.query('select 1')
    assert.equal(stopped, false)
    await gate.open()
    await stopping
    await settling
    assert.equal((await w.usage()).length, 2)
  })

  it('tries nothing again that will not pass', async () => {
    await using w = await world()
    await w.breakUsage('P0001')
    await w.ledger.settle(ada, w.call, completed)
    await w.ledger.stop()
    assert.deepEqual(w.warnings, ['call not settled'])
  })

  it('asks a database that is away once a round, whatever the number of calls', async () => {
    await using w = await world()
    await w.breakUsage()
    // No rounds but that of the stop.
    await w.ledger.stop()
    for (let n = 0; n < 3; n++)
      await w.ledger.settle(ada, { ...w.call, callId: `c${n}` }, completed)
    await w.ledger.stop()
    assert.equal(w.warnings.filter((warning) => warning === 'call not settled').length, 4)
  })

  it('holds no answer up while its settlement waits', async () => {
    await using w = await world()
    await using gate = await holdLock(w.url, 'select from nova.streams for update')
    await w.ledger.settle(ada, w.call, completed)
    assert.equal(await waitingStatements(w.database.owner), 1)
    await gate.open()
    await w.ledger.stop()
    assert.equal((await w.usage()).length, 2)
  })

  it('keeps ten thousand open calls, and leaves more to housekeeping', async () => {
    await using w = await world()
    await w.ledger.stop()
    for (let n = 0; n < 10_000; n++) w.ledger.findOut(ada, w.call, key)
    assert.deepEqual(w.warnings, [])
    w.ledger.findOut(ada, w.call, key)
    assert.deepEqual(w.warnings, ['call left open for housekeeping'])
  })
})

describe('what the ledger remembers of lost answers', () => {
  it('lasts an hour', async (t) => {
    await using w = await world()
    // It asks for nothing more, so that the clock can be set.
    await w.ledger.stop()
    const lostAt = performance.now()
    w.ledger.findOut(ada, w.call, key)
    const clock = t.mock.method(performance, 'now', () => lostAt + 3_590_000)
    assert.equal(w.ledger.lostBefore(key), 'call1')
    clock.mock.mockImplementation(() => lostAt + 3_610_000)
    const found = w.ledger.lostBefore(key)
    clock.mock.restore()
    assert.equal(found, null)
  })

  it('is the newest thousand, one that is lost again among them', async () => {
    await using w = await world()
    await w.ledger.stop()
    const lose = (name: string) => w.ledger.findOut(ada, w.call, name)
    for (let n = 0; n < 1000; n++) lose(`call ${n}`)
    lose('call 0')
    assert.equal(w.ledger.lostBefore('call 1'), 'call1', 'a repetition takes no room')
    lose('one more')
    assert.equal(w.ledger.lostBefore('call 1'), null)
    for (const kept of ['call 0', 'call 2', 'one more'])
      assert.equal(w.ledger.lostBefore(kept), 'call1', kept)
  })

  it('leaves a call to housekeeping after a quarter of an hour', async (t) => {
    await using w = await world()
    await w.ledger.stop()
    const lostAt = performance.now()
    w.ledger.findOut(ada, w.call, key)
    const clock = t.mock.method(performance, 'now', () => lostAt + 910_000)
    await w.ledger.stop()
    clock.mock.restore()
    assert.equal((await w.usage()).length, 1)
  })
})
