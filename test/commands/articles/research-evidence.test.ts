import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadArticle } from '../../../src/commands/articles/article-stream.ts'
import { evidenceInput } from '../../../src/commands/articles/research-evidence.ts'
import {
  type ArticleEvent,
  articleStream,
  QueriesGenerated,
  ResearchQueryFailed,
} from '../../../src/events/articles/article-events.ts'
import type { StoredEvent } from '../../../src/events/define-event.ts'
import { appendTo } from '../../support/append-to.ts'
import { at } from '../../support/article-facts.ts'
import { commandWorld } from '../../support/command-world.ts'
import { input } from '../../support/research-input.ts'
import { articleIds, researchedArticle } from '../../support/researched-article.ts'

describe('the evidence of an article', () => {
  it('names for each source the events that named it, read it and decided on it', async () => {
    await using w = await commandWorld()
    await researchedArticle(w, 'ada')
    const { article } = await loadArticle(w.deps.store, 'ada', articleIds.ada)
    const stored = await w.deps.store.read({
      userId: 'ada',
      streamId: articleStream(articleIds.ada),
    })
    const events = stored as unknown as readonly (ArticleEvent & StoredEvent)[]
    const { sources, queries } = evidenceInput(article, events, input(), {
      sha256: 'a'.repeat(64),
      size: 1,
    })
    const typeOf = (id: string | null | undefined) =>
      events.find(({ eventId }) => eventId === id)?.type ?? null
    assert.deepEqual([...sources.keys()], [...article.sources.keys()])
    for (const [number, source] of article.sources) {
      const record = sources.get(number)
      const named = { guideline: 'UrlsExtracted', research: 'ResearchResultRecorded' } as const
      const { origin } = source
      const namedBy = origin === 'file' ? 'LocalFileUploaded' : named[origin]
      assert.equal(typeOf(record?.events.named), namedBy, `source ${number}`)
      const isDecided = source.decision !== null
      assert.equal(typeOf(record?.events.decided), isDecided ? 'SourcesSelected' : null)
      assert.equal(record?.markdown_sha256, source.markdown?.sha256 ?? null)
      const read = typeOf(record?.events.read)
      if (source.markdown) {
        assert.equal(read, origin === 'file' ? 'LocalFileUploaded' : 'SourceScraped')
      }
    }
    for (const [number, { state }] of article.queries) {
      const outcome = state === 'answered' ? 'ResearchResultRecorded' : 'ResearchQueryFailed'
      assert.equal(typeOf(queries.get(number)?.asked), 'QueriesGenerated')
      if (state !== 'waiting') assert.equal(typeOf(queries.get(number)?.outcome), outcome)
    }
  })

  it('names the event by which a query failed', async () => {
    await using w = await commandWorld()
    await researchedArticle(w, 'ada')
    const stream = { userId: 'ada', streamId: articleStream(articleIds.ada) }
    const asked = QueriesGenerated({
      round: 2,
      queries: [{ query_number: 2, query: 'Why?', reason: 'because' }],
      by: 'agent',
      note: null,
      generated_at: at,
    })
    const failed = ResearchQueryFailed({
      operation_id: 'op',
      query_number: 2,
      reason: 'UNAVAILABLE',
      detail: null,
      failed_at: at,
    })
    await appendTo(w.deps.store, stream, [asked, failed], {
      expectedVersion: 'any',
      metadata: { actor: 'agent' },
    })
    const { article } = await loadArticle(w.deps.store, 'ada', articleIds.ada)
    const stored = await w.deps.store.read(stream)
    const events = stored as unknown as readonly (ArticleEvent & StoredEvent)[]
    const facts = evidenceInput(article, events, input(), { sha256: 'a'.repeat(64), size: 1 })
    assert.deepEqual(facts.queries.get(2), {
      asked: stored.at(-2)?.eventId,
      outcome: stored.at(-1)?.eventId,
    })
  })
})
