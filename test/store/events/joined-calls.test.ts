import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type AdmittedCall,
  admitToolCall,
  settleToolCall,
} from '../../../src/commands/usage/tool-calls.ts'
import { Refusal } from '../../../src/errors.ts'
import { usageMonth, usageStream } from '../../../src/events/usage/usage-events.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { limits } from '../../support/limits.ts'

const users = Array.from({ length: 40 }, (_, n) => `user${n}`)
const settlement = {
  outcome: 'completed',
  code: null,
  itemsOk: 0,
  itemsFailed: 0,
  durationMs: 1,
  costUsd: null,
  refund: null,
} as const

async function world() {
  const w = await commandWorld()
  let statements = 0
  w.database.app.on('acquire', () => {
    statements += 1
  })
  return {
    ...w,
    admit: (user: string, callId: string, callsPerMonth = 100) => {
      const defaults = limits({ callsPerMonth })
      const call = { callId, tool: 'list_articles', articleId: null, defaults }
      return admitToolCall(w.deps, caller(user), call)
    },
    settle: (user: string, call: AdmittedCall) =>
      settleToolCall(w.deps, caller(user), call, settlement),
    types: async (user: string) => {
      const streamId = usageStream(user, usageMonth(w.deps.now()))
      return (await w.deps.store.read({ userId: user, streamId })).map(({ type }) => type)
    },
    /** Statements that the work took. */
    counting: async (work: () => Promise<unknown>) => {
      const before = statements
      await work()
      return statements - before
    },
  }
}

describe('calls of many users at once', { concurrency: true }, () => {
  it('are admitted and settled together, each as its own user', async () => {
    await using w = await world()
    let calls: AdmittedCall[] = []
    const admitting = await w.counting(async () => {
      calls = await Promise.all(users.map((user) => w.admit(user, `call-of-${user}`)))
    })
    assert.ok(admitting < 5, `${admitting} statements`)
    for (const [n, call] of calls.entries()) {
      assert.equal(call.callId, `call-of-${users[n]}`)
      assert.deepEqual([call.used, call.limit, call.weight, call.weights], [1, 100, 1, {}])
    }
    const settling = await w.counting(() =>
      Promise.all(calls.map((call, n) => w.settle(users[n] ?? '', call))),
    )
    assert.ok(settling < 5, `${settling} statements`)
    for (const user of users) {
      assert.deepEqual(await w.types(user), ['ToolCalled', 'ToolCallSettled'])
    }
  })

  it('are refused by themselves, and of one user no more get through than are left', async () => {
    await using w = await world()
    const outcomes = await Promise.allSettled([
      ...users.map((user) => w.admit(user, `call-of-${user}`)),
      ...Array.from({ length: 20 }, (_, n) => w.admit('ada', `call${n}`, 7)),
    ])
    assert.ok(outcomes.slice(0, users.length).every(({ status }) => status === 'fulfilled'))
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    assert.equal(refused.length, 13)
    for (const reason of refused) {
      assert.ok(reason instanceof Refusal && reason.code === 'QUOTA_EXCEEDED', String(reason))
    }
    const types = await w.types('ada')
    assert.equal(types.filter((type) => type === 'ToolCalled').length, 7)
    assert.equal(types.filter((type) => type === 'ToolCallRefused').length, 13)
  })

  it('that were settled before are settled once, in company as well', async () => {
    await using w = await world()
    const call = await w.admit('ada', 'call1')
    const others = await Promise.all(users.map((user) => w.admit(user, `call-of-${user}`)))
    await Promise.all([
      w.settle('ada', call),
      w.settle('ada', call),
      ...others.map((other, n) => w.settle(users[n] ?? '', other)),
      w.settle('ada', call),
    ])
    assert.deepEqual(await w.types('ada'), ['ToolCalled', 'ToolCallSettled'])
  })
})
