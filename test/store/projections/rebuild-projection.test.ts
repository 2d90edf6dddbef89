import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal, type RefusalCode } from '../../../src/errors.ts'
import { ToolCalled, usageStream } from '../../../src/events/usage/usage-events.ts'
import { usageProjection } from '../../../src/projections/usage/usage.ts'
import { PostgresEventStore } from '../../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../../src/store/events/stream-signal.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { rebuildProjection } from '../../../src/store/projections/rebuild-projection.ts'
import { appendTo } from '../../support/append-to.ts'
import { freshDatabase, type TestDatabase } from '../../support/database.ts'

const isRefusal = (code: RefusalCode) => (error: unknown) =>
  error instanceof Refusal && error.code === code

async function callTools({ database }: TestDatabase, calls: number): Promise<void> {
  const store = new PostgresEventStore(database, new StreamSignal())
  const at = '2026-05-01T12:00:00.000Z'
  const events = Array.from({ length: calls }, (_, n) =>
    ToolCalled({
      call_id: `call${n}`,
      tool: 'get_article',
      article_id: null,
      weight: 1,
      called_at: at,
    }),
  )
  const stream = { userId: 'ada', streamId: usageStream('ada', '2026-05') }
  await appendTo(store, stream, events, { expectedVersion: 'any', metadata: { actor: 'agent' } })
}

async function callsCounted({ database }: TestDatabase): Promise<number | undefined> {
  const { rows } = await database.projector.query<{ calls: number }>('select calls from nova.usage')
  return rows[0]?.calls
}

/** A projection whose first event breaks it, as one with a bug would. */
const broken = { ...usageProjection, fold: () => 'select 1 / 0 where $1::bigint < $2' }

describe('a rebuild', { concurrency: true }, () => {
  it('is refused for a name that no projection has', async () => {
    await using db = await freshDatabase()
    await assert.rejects(
      rebuildProjection(db.database, { name: 'nothing', types: [], fold: () => '' }),
      isRefusal('PROJECTION_UNKNOWN'),
    )
  })

  it('is refused at once while another process folds the same generation', async () => {
    await using db = await freshDatabase()
    await callTools(db, 3)
    await assert.rejects(rebuildProjection(db.database, broken), /cannot be applied/)
    const other = await db.database.projector.connect()
    try {
      await other.query('begin')
      await other.query(`select from nova.projections where status = 'rebuilding' for update`)
      await assert.rejects(
        rebuildProjection(db.database, usageProjection),
        isRefusal('REBUILD_RUNNING'),
      )
    } finally {
      await other.query('rollback')
      other.release()
    }
  })

  it('goes on where one that failed had stopped, and readers noticed nothing', async () => {
    await using db = await freshDatabase()
    await callTools(db, 3)
    await drainProjection(db.database.projector, usageProjection)
    await assert.rejects(rebuildProjection(db.database, broken), /cannot be applied/)
    assert.equal(await callsCounted(db), 3)
    const { generation, events } = await rebuildProjection(db.database, usageProjection)
    assert.deepEqual({ generation, events }, { generation: 2, events: 3 })
    assert.equal(await callsCounted(db), 3)
  })

  it('happens once or is refused when several processes begin it together', async () => {
    await using db = await freshDatabase()
    await callTools(db, 20)
    await drainProjection(db.database.projector, usageProjection)
    const outcomes = await Promise.allSettled(
      Array.from({ length: 4 }, () => rebuildProjection(db.database, usageProjection)),
    )
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    for (const { reason } of refused)
      assert.ok(isRefusal('REBUILD_RUNNING')(reason), String(reason))
    assert.ok(refused.length < outcomes.length)
    assert.equal(await callsCounted(db), 20)
  })
})
