import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { admitToolCall } from '../../../src/commands/usage/tool-calls.ts'
import { usageProjection } from '../../../src/projections/usage/usage.ts'
import { createPool } from '../../../src/store/database/database-pools.ts'
import {
  drainProjection,
  type Projection,
  stepProjection,
} from '../../../src/store/projections/projection-step.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { limits } from '../../support/limits.ts'
import { holdLock } from '../../support/waiting-statements.ts'

const call = { tool: 'list_articles', articleId: null, defaults: limits() }

describe('draining a projection', { concurrency: true }, () => {
  it('goes on over a gap in the positions that is longer than its batches', async () => {
    await using w = await commandWorld()
    const { owner, projector } = w.database
    await admitToolCall(w.deps, caller('ada'), { ...call, callId: 'before' })
    await owner.query(`select setval('nova.position_seq', 10000)`)
    await admitToolCall(w.deps, caller('ada'), { ...call, callId: 'after' })
    const end = await drainProjection(projector, usageProjection, { batch: 100 })
    assert.deepEqual(end, { kind: 'folded', events: 2, position: 10001, more: false })
  })

  it('tries an event that it cannot apply by itself, until it can', async () => {
    await using w = await commandWorld()
    const { projector } = w.database
    for (let n = 1; n <= 6; n++)
      await admitToolCall(w.deps, caller('ada'), { ...call, callId: `call${n}` })
    const failing = {
      ...usageProjection,
      fold: (table: string) =>
        usageProjection
          .fold(table)
          .replace('where', 'where 1 / (case when $1 < 4 and $2 >= 4 then 0 else 1 end) = 1 and'),
    }
    const step = { batch: 5000, status: 'live' } as const
    const stopped = await stepProjection(projector, failing, step)
    assert.equal(stopped.kind, 'stopped')
    assert.equal(stopped.position, 4)
    assert.deepEqual(await stepProjection(projector, failing, step), stopped)
    const end = await drainProjection(projector, usageProjection)
    assert.equal(end.kind === 'folded' && end.events, 4, 'what came before it was folded before')
  })

  it('waits for what is locked or slow, and takes no event for one that cannot be applied', async () => {
    await using w = await commandWorld()
    const { owner } = w.database
    await admitToolCall(w.deps, caller('ada'), { ...call, callId: 'call1' })
    const step = { batch: 5000, status: 'live' } as const
    const checkpoint = async () => {
      const { rows } = await owner.query(
        `select position, failed_position from nova.projections where name = 'usage'`,
      )
      return rows[0]
    }
    const before = await checkpoint()
    assert.equal(before.failed_position, null)
    const hurried = async (timeouts: Record<string, number>, projection: Projection) => {
      const shape = { name: 'hurried', max: 1, role: 'nova_projector', timeouts }
      const pool = createPool({ connectionString: w.url }, shape)
      await assert.rejects(stepProjection(pool, projection, step), /timeout/)
      await pool.end()
      assert.deepEqual(await checkpoint(), before)
    }
    const slow = { ...usageProjection, fold: () => 'select pg_sleep(60), $1::bigint, $2::bigint' }
    {
      await using _gate = await holdLock(w.url, 'lock table nova.usage_g1 in access exclusive mode')
      await hurried({ lock_timeout: 100 }, usageProjection)
    }
    await hurried({ statement_timeout: 500 }, slow)
  })
})
