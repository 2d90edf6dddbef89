import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import { ArticleArchived } from '../../../src/events/articles/article-events.ts'
import { LinkUsed } from '../../../src/events/links/link-events.ts'
import { ConcurrencyConflict } from '../../../src/store/events/event-store.ts'
import { PostgresEventStore } from '../../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../../src/store/events/stream-signal.ts'
import { freshDatabase } from '../../support/database.ts'
import { holdLock } from '../../support/waiting-statements.ts'

const at = '2026-01-01T00:00:00.000Z'
const archived = ArticleArchived({ archived_at: at })
const metadata = { actor: 'user' as const }
const any = { expectedVersion: 'any' as const, metadata }
const stream = { userId: 'ada', streamId: 'article-1' }

async function world() {
  const db = await freshDatabase()
  return { ...db, store: new PostgresEventStore(db.database, new StreamSignal()) }
}

describe('reading events in their order', { concurrency: true }, () => {
  it('never passes over a slow writer of two events', async () => {
    await using w = await world()
    await using slow = await holdLock(
      w.url,
      `set local role nova_app; select nova.append('slow', 'article-9', null, null, '{01A,01B}',
         '{ArticleArchived,ArticleArchived}', '{1,1}',
         array_fill('${JSON.stringify(archived.data)}'::jsonb, '{2}'), '{"actor":"user"}')`,
    )
    await w.store.append(stream, [archived], any)
    const early = await w.store.readAll(0, 100)
    assert.deepEqual(early.events, [])
    await slow.open()
    const late = await w.store.readAll(early.position, 100)
    assert.deepEqual(
      late.events.map(({ userId }) => userId),
      ['slow', 'slow', 'ada'],
    )
  })

  it('is not held up by a writer of another database of the server', async () => {
    await using w = await world()
    for (let n = 0; n < 3; n++) await w.store.append(stream, [archived], any)
    const elsewhere = new URL(w.url)
    elsewhere.pathname = '/postgres'
    const writer = new pg.Client({ connectionString: elsewhere.href })
    await writer.connect()
    try {
      await writer.query('select pg_advisory_lock_shared((4554::bigint << 40) | 1)')
      assert.equal((await w.store.readAll(0, 100)).events.length, 3)
    } finally {
      await writer.end()
    }
  })
})

describe('the key of an append', () => {
  it('belongs to its stream, whichever of them is named first', async () => {
    await using w = await world()
    const other = { userId: 'ada', streamId: 'article-2' }
    for (const events of [[archived], [archived, archived]]) {
      const keyed = { ...any, idempotencyKey: `key of ${events.length}` }
      await w.store.append(stream, events, keyed)
      await w.store.append(other, [archived], any)
      await assert.rejects(w.store.append(other, events, keyed), { code: 'IDEMPOTENCY_KEY_REUSED' })
    }
  })
})

describe('appending to several streams', () => {
  it('takes each at its own version, whatever is said of the first', async () => {
    await using w = await world()
    const link = { userId: 'ada', streamId: 'link-1' }
    await w.store.append(link, [LinkUsed({ link_id: '1', used_at: at })], any)
    const event = LinkUsed({ link_id: '1', used_at: at })
    const beside = [{ streamId: 'link-1', expectedVersion: 1, event }]
    await w.store.append(stream, [archived], { ...any, beside })
    await assert.rejects(
      w.store.append(stream, [archived], { ...any, beside }),
      ConcurrencyConflict,
    )
    assert.equal((await w.store.read(stream)).length, 1)
    assert.equal((await w.store.read(link)).length, 2)
  })
})
