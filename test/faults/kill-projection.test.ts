import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { admitToolCall, settleToolCall } from '../../src/commands/usage/tool-calls.ts'
import { projections } from '../../src/projections/registry.ts'
import { usageProjection } from '../../src/projections/usage/usage.ts'
import { drainProjection, type StepResult } from '../../src/store/projections/projection-step.ts'
import { type Child, startChild } from '../support/child-process.ts'
import { caller, commandWorld } from '../support/command-world.ts'
import { type Fate, faultyWire } from '../support/faulty-wire.ts'
import { assertInvariants } from '../support/invariants.ts'
import { limits } from '../support/limits.ts'
import { until } from '../support/until.ts'

const program = new URL('./run-projector.ts', import.meta.url)

/** The statements of a step, by what the wire sees of them. Each is a moment before and one after. */
const statements = {
  'the claim of the checkpoint': 'for update skip locked',
  'the rows of the batch': 'insert into nova.usage_g1',
  'the move of the checkpoint': 'update nova.projections set position',
  'the commit': 'commit\0',
}
const fates: Record<string, Fate> = { before: 'unsent', after: 'unanswered' }

/** Counting is what shows an effect that happened twice. */
async function world() {
  const commands = await commandWorld()
  const { deps } = commands
  let calls = 0
  const call = async () => {
    const [callId, tool] = [`call${calls++}`, 'list_articles'] as const
    const ada = caller('ada')
    const admitted = await admitToolCall(deps, ada, {
      callId,
      tool,
      articleId: null,
      defaults: limits(),
    })
    await settleToolCall(deps, ada, admitted, {
      outcome: 'completed',
      code: null,
      itemsOk: 1,
      itemsFailed: 0,
      durationMs: 5,
      costUsd: null,
      refund: null,
    })
  }
  const counted = async () => {
    const { rows } = await commands.database.owner.query<{ calls: number; items_ok: number }>(
      'select calls, items_ok from nova.usage',
    )
    return rows[0]
  }
  return { ...commands, call, counted }
}

const drain = (child: Child) => {
  child.process.stdin?.write('drain\n')
  return child.answer<StepResult | { kind: 'failed'; failure: string }>()
}

describe('a projection worker', { concurrency: 2 }, () => {
  for (const [statement, text] of Object.entries(statements)) {
    for (const [when, fate] of Object.entries(fates)) {
      it(`killed with -9 right ${when} ${statement}: the next one counts each event exactly once`, async () => {
        await using w = await world()
        for (let n = 0; n < 10; n++) await w.call()
        await using wire = await faultyWire(w.url)
        await using child = startChild(program, wire.url, 'usage')
        let step = 0
        // The second of three batches, so that there is a checkpoint before and work after.
        wire.decide = (request) => (request.includes(text) && ++step === 2 ? fate : 'pass')
        wire.onCut = () => child.process.kill('SIGKILL')
        await assert.rejects(drain(child), /ended without an answer/)
        wire.decide = () => 'pass'
        await using next = startChild(program, wire.url, 'usage')
        assert.equal((await drain(next)).kind, 'folded')
        assert.deepEqual(await w.counted(), { calls: 10, items_ok: 10 })
        await assertInvariants(w.database)
      })
    }
  }

  // What follows from where the checkpoints stand leaves in one write, the commit included.
  for (const [statement, text] of Object.entries({
    'the claim of the checkpoints': 'nova_claim_projections',
    'the rows and the commit': 'nova_fold_usage',
    'the move of the others': 'nova_move_checkpoints',
  })) {
    for (const [when, fate] of Object.entries(fates)) {
      it(`following several, killed with -9 right ${when} ${statement}: each event is counted exactly once`, async () => {
        await using w = await world()
        for (let n = 0; n < 3; n++) await w.call()
        await using wire = await faultyWire(w.url)
        await using child = startChild(program, wire.url, 'usage', 'follow')
        await drain(child)
        wire.decide = (request) => (request.includes(text) ? fate : 'pass')
        wire.onCut = () => child.process.kill('SIGKILL')
        const dying = async () => {
          for (;;) {
            await w.call()
            await drain(child)
          }
        }
        await assert.rejects(dying(), /ended without an answer/)
        wire.decide = () => 'pass'
        for (const projection of projections) {
          const drained = async () =>
            (await drainProjection(w.database.projector, projection)).kind === 'folded'
          await until(drained, `the take-over of ${projection.name}`)
        }
        const { rows } = await w.database.owner.query<{ calls: number }>(
          `select count(*)::int as calls from nova.events where type = 'ToolCalled'`,
        )
        const calls = rows[0]?.calls
        assert.deepEqual(await w.counted(), { calls, items_ok: calls })
        await assertInvariants(w.database)
      })
    }
  }

  it('beside another one on the same projection, under writes: each event is counted exactly once', async () => {
    await using w = await world()
    await using one = startChild(program, w.url, 'usage')
    await using other = startChild(program, w.url, 'usage')
    let writing = true
    const work = async (child: Child) => {
      while (writing) assert.notEqual((await drain(child)).kind, 'failed')
    }
    const workers = Promise.all([work(one), work(other)])
    const writers = Array.from({ length: 4 }, async () => {
      for (let n = 0; n < 15; n++) await w.call()
    })
    await Promise.all(writers)
    writing = false
    await workers
    await drainProjection(w.database.projector, usageProjection)
    assert.deepEqual(await w.counted(), { calls: 60, items_ok: 60 })
    await assertInvariants(w.database)
  })

  it('frozen in the middle of a batch is fenced: another takes over, and what it does on waking has no effect', async () => {
    await using w = await world()
    for (let n = 0; n < 10; n++) await w.call()
    await using wire = await faultyWire(w.url)
    await using frozen = startChild(program, wire.url, 'usage')
    const stopped = Promise.withResolvers<void>()
    wire.decide = (request) => {
      if (request.includes(statements['the move of the checkpoint'])) {
        frozen.process.kill('SIGSTOP')
        stopped.resolve()
      }
      return 'pass'
    }
    const late = drain(frozen)
    await stopped.promise
    const takeOver = () => drainProjection(w.database.projector, usageProjection)
    assert.equal((await takeOver()).kind, 'busy', 'while its transaction lasts')
    // The server ends the transaction of a worker that says nothing.
    await until(async () => (await takeOver()).kind === 'folded', 'the take-over of the projection')
    assert.deepEqual(await w.counted(), { calls: 10, items_ok: 10 })
    wire.decide = () => 'pass'
    frozen.process.kill('SIGCONT')
    assert.equal((await late).kind, 'failed')
    assert.deepEqual(await w.counted(), { calls: 10, items_ok: 10 })
    await assertInvariants(w.database)
  })
})
