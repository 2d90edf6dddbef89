import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { evolveArticle } from '../../../src/events/articles/article.ts'
import type { ArticleEvent } from '../../../src/events/articles/article-events.ts'
import { type ArticleSource, initialArticle } from '../../../src/events/articles/article-state.ts'
import { articleSourcesProjection } from '../../../src/projections/articles/article-sources.ts'
import { createTenantReader, type TenantReader } from '../../../src/store/database/tenant.ts'
import { PostgresEventStore } from '../../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../../src/store/events/stream-signal.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { appendTo } from '../../support/append-to.ts'
import { articleHistory } from '../../support/article-history.ts'
import { freshDatabase } from '../../support/database.ts'

const rowsOf = (reader: TenantReader, userId: string, articleId: string) =>
  reader.query(
    userId,
    `select source as number, kind, origin, state, reason, markdown_sha256 as markdown, decision,
       chosen_reason as chosen
     from nova.article_sources where user_id = $1 and article_id = $2 order by source`,
    [userId, articleId],
  )

const ofState = (source: ArticleSource) => ({
  number: source.number,
  kind: source.kind,
  origin: source.origin,
  state: source.state,
  reason: source.failure?.reason ?? null,
  markdown: source.markdown?.sha256 ?? null,
  decision: source.decision && (source.decision.keep ? 'kept' : 'rejected'),
  chosen: source.chosen?.reason ?? null,
})

/** Made-up histories, with `first` as a decider says it: only of a source that had no number before. */
function asDecided(history: ArticleEvent[]): ArticleEvent[] {
  const known = new Set<number>()
  return history.map((event) => {
    if (event.type === 'UrlsExtracted') for (const link of event.data.links) known.add(link.source)
    if (event.type === 'LocalFileUploaded') known.add(event.data.source)
    if (event.type !== 'ResearchResultRecorded') return event
    const found = event.data.found.map((page) => {
      const first = !known.has(page.source)
      known.add(page.source)
      return { ...page, first }
    })
    return { ...event, data: { ...event.data, found } }
  })
}

describe('article_sources', () => {
  it('says of every source of every history what the events say, to its user only', async () => {
    await using db = await freshDatabase()
    const store = new PostgresEventStore(db.database, new StreamSignal())
    const reader = createTenantReader(db.database.app)
    await fc.assert(
      fc.asyncProperty(articleHistory(randomUUID()), async (history) => {
        const articleId = randomUUID()
        const events = asDecided(history as ArticleEvent[])
        const stream = { userId: 'ada', streamId: `article-${articleId}` }
        const metadata = { actor: 'user' as const }
        await appendTo(store, stream, events, { expectedVersion: 0, metadata })
        await drainProjection(db.database.projector, articleSourcesProjection)
        const state = events.reduce(evolveArticle, initialArticle)
        assert.ok(state.status !== 'absent')
        const expected = [...state.sources.values()].map(ofState)
        const rows = await rowsOf(reader, 'ada', articleId)
        assert.deepEqual(
          rows,
          expected.toSorted((a, b) => a.number - b.number),
        )
        assert.deepEqual(await rowsOf(reader, 'eve', articleId), [])
      }),
      { numRuns: 40 },
    )
  })
})
