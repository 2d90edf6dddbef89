import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { admitToolCall } from '../../../src/commands/usage/tool-calls.ts'
import { eventRegistry } from '../../../src/events/registry.ts'
import { auditProjection } from '../../../src/projections/audit.ts'
import { projections } from '../../../src/projections/registry.ts'
import { plansProjection } from '../../../src/projections/usage/plans.ts'
import { usageProjection } from '../../../src/projections/usage/usage.ts'
import { ProjectionFollower } from '../../../src/store/projections/follow-projections.ts'
import { drainProjection, type Projection } from '../../../src/store/projections/projection-step.ts'
import { rebuildProjection } from '../../../src/store/projections/rebuild-projection.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { limits } from '../../support/limits.ts'
import { holdLock } from '../../support/waiting-statements.ts'

async function world(followed: readonly Projection[]) {
  const w = await commandWorld()
  const { owner, projector } = w.database
  const follower = new ProjectionFollower(projector)
  for (const projection of followed) follower.follow(projection, 0)
  let calls = 0
  return {
    ...w,
    follower,
    call: async () => {
      calls += 1
      const call = { callId: `call${calls}`, tool: 'list_articles', articleId: null }
      await admitToolCall(w.deps, caller('ada'), { ...call, defaults: limits() })
    },
    /** Position and number of counted events. */
    checkpoint: async (name: string) => {
      const { rows } = await owner.query<{ position: number; events_seen: number }>(
        `select position, events_seen from nova.projections where name = $1 and status = 'live'`,
        [name],
      )
      return [rows[0]?.position, rows[0]?.events_seen]
    },
    counted: async () => {
      const { rows } = await owner.query('select coalesce(sum(calls), 0)::int as n from nova.usage')
      return rows[0].n
    },
  }
}

describe('following several projections', { concurrency: true }, () => {
  it('folds a projection for every type of event that its statement names', () => {
    for (const { name, fold, types } of projections) {
      if (types === 'all') continue
      const words = [...fold('t').matchAll(/'([A-Z]\w+)'/g)].map(([, word = '']) => word)
      const named = new Set(words.filter((word) => eventRegistry.has(word)))
      assert.deepEqual([...named].toSorted(), [...types].toSorted(), name)
    }
  })

  it('folds where an event has come that is folded, and moves the other checkpoints later', async () => {
    await using w = await world([usageProjection, auditProjection, plansProjection])
    // The first round folds all of them, as far as they are.
    await w.follower.round()
    await w.call()
    await w.call()
    const { events, apart } = await w.follower.round()
    assert.deepEqual({ events, apart }, { events: 2, apart: [] })
    assert.equal(await w.counted(), 2)
    const [end] = await w.checkpoint('usage')
    assert.deepEqual(await w.checkpoint('audit'), [end, 2])
    await w.follower.moveCheckpoints()
    assert.deepEqual(await w.checkpoint('plans'), [end, 2])
    await w.follower.moveCheckpoints()
    assert.deepEqual(await w.checkpoint('plans'), [end, 2], 'events are counted once')
  })

  it('folds nothing of anybody when one cannot, and names those to be drained apart', async () => {
    const fold = () => 'select 1 / 0 where $1::bigint < $2'
    const failing = { ...usageProjection, fold }
    await using w = await world([failing, auditProjection])
    await w.call()
    const before = await w.checkpoint('audit')
    const { apart } = await w.follower.round()
    assert.deepEqual(apart.map(({ name }) => name).toSorted(), ['audit', 'usage'])
    assert.deepEqual(await w.checkpoint('audit'), before)
    const alone = await drainProjection(w.database.projector, auditProjection)
    assert.equal(alone.kind === 'folded' && alone.events, 1)
  })

  it('does not wait for a checkpoint that another process holds, and folds what that one left', async () => {
    await using w = await world([usageProjection, auditProjection])
    await w.follower.round()
    await w.call()
    {
      await using _held = await holdLock(
        w.url,
        `select from nova.projections where name = 'usage' for update`,
      )
      await w.follower.round()
      assert.equal((await w.checkpoint('audit'))[1], 1)
    }
    // What is due is not passed over.
    await w.follower.moveCheckpoints()
    assert.equal(await w.counted(), 0)
    await w.follower.round()
    assert.equal(await w.counted(), 1)
  })

  it('is held up only for a moment by a table that somebody locks', async () => {
    await using w = await world([usageProjection, auditProjection])
    await w.follower.round()
    await w.call()
    await using _gate = await holdLock(w.url, 'lock table nova.usage_g1 in access exclusive mode')
    const { apart } = await w.follower.round()
    assert.deepEqual(apart.map(({ name }) => name).toSorted(), ['audit', 'usage'])
    assert.equal((await drainProjection(w.database.projector, auditProjection)).kind, 'folded')
  })

  it('goes on in the next generation once that is live', async () => {
    await using w = await world([usageProjection, plansProjection])
    await w.follower.round()
    await w.call()
    await w.follower.round()
    await w.call()
    await rebuildProjection(w.database, usageProjection)
    await w.call()
    await w.follower.round()
    assert.equal(await w.counted(), 3)
    await rebuildProjection(w.database, plansProjection)
    await w.call()
    await w.follower.round()
    await w.follower.moveCheckpoints()
    assert.deepEqual(await w.checkpoint('plans'), await w.checkpoint('usage'))
  })

  it('folds what another worker has folded once, and what it drained further on', async () => {
    await using w = await world([usageProjection])
    await w.follower.round()
    for (let n = 0; n < 5; n += 1) {
      await w.call()
      await drainProjection(w.database.projector, usageProjection)
      await w.follower.round()
      await w.call()
      const other = new ProjectionFollower(w.database.projector)
      other.follow(usageProjection, 0)
      await Promise.all([w.follower.round(), other.round()])
    }
    await w.follower.round()
    assert.equal(await w.counted(), 10)
  })
})
