import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { ArticleArchived } from '../../../src/events/articles/article-events.ts'
import { LinkUsed } from '../../../src/events/links/link-events.ts'
import type { StreamRef } from '../../../src/store/events/event-store.ts'
import { PostgresEventStore } from '../../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../../src/store/events/stream-signal.ts'
import { freshDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'

const archived = ArticleArchived({ archived_at: '2026-01-01T00:00:00.000Z' })
const article = { userId: 'ada', streamId: 'article-1' }
const link = { userId: 'ada', streamId: 'link-1' }

/** Waits for the call and not for the time to look again. */
class UnhurriedSignal extends StreamSignal {
  override next(stream: StreamRef) {
    return super.next(stream, 3_600_000)
  }
}

describe('a waiter', () => {
  it('is woken by the commit of its own process, for each of the streams that it adds to', async () => {
    await using db = await freshDatabase()
    const { app, projector } = db.database
    const store = new PostgresEventStore({ app, projector }, new UnhurriedSignal())
    const event = LinkUsed({ link_id: '1', used_at: '2026-01-01T00:00:00.000Z' })
    const woken: string[] = []
    for (const stream of [article, link]) {
      const looked = once(app, 'release')
      void store.waitForChange(stream, 0, { timeoutMs: 3_600_000 }).then(() => {
        woken.push(stream.streamId)
      })
      await looked
    }
    assert.deepEqual(woken, [])
    const appends = [
      { streamId: article.streamId, events: [archived], expectedVersion: 'any' },
      { streamId: link.streamId, events: [event], expectedVersion: 0 },
    ] as const
    await store.append('ada', appends, { metadata: { actor: 'user' } })
    await until(() => woken.length === 2, 'both waiters')
  })
})
