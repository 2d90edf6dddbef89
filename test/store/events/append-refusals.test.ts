import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ArticleArchived } from '../../../src/events/articles/article-events.ts'
import { ConcurrencyConflict } from '../../../src/store/events/event-store.ts'
import { PostgresEventStore } from '../../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../../src/store/events/stream-signal.ts'
import { appendTo } from '../../support/append-to.ts'
import { freshDatabase } from '../../support/database.ts'
import { appendAt } from '../../support/old-usage.ts'

const at = (n: number) =>
  ArticleArchived({ archived_at: new Date(1_700_000_000_000 + n * 1000).toISOString() })
const metadata = { actor: 'user' as const }
const stream = { userId: 'ada', streamId: 'article-1' }

async function world() {
  const db = await freshDatabase()
  return {
    ...db,
    store: new PostgresEventStore(db.database, new StreamSignal()),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  }
}

describe('an append that may not be', { concurrency: true }, () => {
  it('is refused whole when two events come at a version the stream does not have', async () => {
    await using w = await world()
    await appendTo(w.store, stream, [at(1)], { expectedVersion: 0, metadata })
    for (const expectedVersion of [0, 2]) {
      await assert.rejects(
        appendTo(w.store, stream, [at(2), at(3)], { expectedVersion, metadata }),
        ConcurrencyConflict,
      )
    }
    const absent = { ...stream, streamId: 'article-2' }
    await assert.rejects(
      appendTo(w.store, absent, [at(2), at(3)], { expectedVersion: 1, metadata }),
      ConcurrencyConflict,
    )
    assert.equal((await w.store.read(stream)).length, 1)
    assert.deepEqual(await w.store.read(absent), [])
  })

  it('is refused when its month already has an event of that id', async () => {
    await using w = await world()
    await w.database.owner.query(`select nova.create_event_month('2025-11-01')`)
    const { type, data } = at(1)
    // The id is made of the stream's, the type and the data: both have the same.
    const append = (userId: string) =>
      appendAt(w.database, userId, 'article-1', type, '2025-11-08T10:00:00.000Z', data)
    await append('ada')
    await assert.rejects(append('eve'), { code: '23505' })
  })
})
