import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import { ArticleArchived } from '../../../src/events/articles/article-events.ts'
import { LinkUsed } from '../../../src/events/links/link-events.ts'
import { PostgresEventStore } from '../../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../../src/store/events/stream-signal.ts'
import { appendTo } from '../../support/append-to.ts'
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
    await appendTo(w.store, stream, [archived], any)
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
    for (let n = 0; n < 3; n++) await appendTo(w.store, stream, [archived], any)
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
      const keyed = { ...any, key: `key of ${events.length}` }
      await appendTo(w.store, stream, events, keyed)
      await appendTo(w.store, other, [archived], any)
      await assert.rejects(appendTo(w.store, other, events, keyed), {
        code: 'IDEMPOTENCY_KEY_REUSED',
      })
    }
  })
})

describe('appending to several streams', () => {
  const used = LinkUsed({ link_id: '1', used_at: at })
  const toArticle = { streamId: 'article-1', events: [archived], expectedVersion: 'any' } as const
  const toLink = (expectedVersion: number) =>
    ({ streamId: 'link-1', events: [used, used], expectedVersion }) as const

  it('takes each at its own version, all or none, and answers each in the order asked', async () => {
    await using w = await world()
    await w.store.append('ada', [toLink(0)], { metadata })
    const [link, article] = await w.store.append('ada', [toLink(2), toArticle], { metadata })
    assert.deepEqual([link.version, article.version], [4, 1])
    await assert.rejects(w.store.append('ada', [toArticle, toLink(2)], { metadata }), {
      name: 'ConcurrencyConflict',
      message: /link-1/,
    })
    assert.equal((await w.store.read(stream)).length, 1)
    assert.equal((await w.store.read({ ...stream, streamId: 'link-1' })).length, 4)
  })

  it('never has two wait for each other, in whatever order they name the streams', async () => {
    await using w = await world()
    const other = { ...toArticle, streamId: 'article-2' }
    const rounds = Array.from({ length: 60 }, (_, n) =>
      w.store.append('ada', n % 2 ? [toArticle, other] : [other, toArticle], { metadata }),
    )
    await Promise.all(rounds)
    assert.equal((await w.store.read(stream)).length, 60)
  })

  it('under one key answers a retry as the first, and refuses other appends', async () => {
    await using w = await world()
    const keyed = { metadata, key: 'k' }
    const any = { ...toLink(0), expectedVersion: 'any' } as const
    const first = await w.store.append('ada', [any, toArticle], keyed)
    const retry = await w.store.append('ada', [any, toArticle], keyed)
    assert.deepEqual(
      retry,
      first.map((appended) => ({ ...appended, repeated: true })),
    )
    const third = { ...toArticle, streamId: 'link-2' }
    for (const appends of [
      [any, toArticle, third],
      [toArticle, third],
      [{ ...any, events: [used] }, toArticle],
    ]) {
      await assert.rejects(w.store.append('ada', appends, keyed), {
        code: 'IDEMPOTENCY_KEY_REUSED',
      })
    }
    assert.equal((await w.store.read(stream)).length, 1)
    assert.equal((await w.store.read({ ...stream, streamId: 'link-2' })).length, 0)
  })
})
