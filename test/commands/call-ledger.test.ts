import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CallLedger, callKey } from '../../src/commands/call-ledger.ts'
import { createArticle } from '../../src/commands/create-article.ts'
import { admitToolCall, type SettleToolCall } from '../../src/commands/tool-calls.ts'
import { usageStream } from '../../src/events/usage-events.ts'
import { createCallEffects } from '../../src/store/call-effects.ts'
import { caller, commandWorld } from '../support/command-world.ts'
import { limits } from '../support/limits.ts'
import { until } from '../support/until.ts'

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
    effects: createCallEffects(w.database.app),
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
  const breakUsage = () =>
    owner.query(`create function nova.fail() returns trigger language plpgsql as
      $$ begin raise 'out of memory' using errcode = '53200'; end $$;
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
})
