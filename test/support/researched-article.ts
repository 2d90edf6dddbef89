import * as article from '../../src/events/articles/article-events.ts'
import type { NewEvent } from '../../src/events/define-event.ts'
import * as usage from '../../src/events/usage/usage-events.ts'
import { appendTo } from './append-to.ts'
import type { commandWorld } from './command-world.ts'

const at = '2026-05-01T12:00:00.000Z'
export const articleIds = {
  ada: '11111111-1111-4111-8111-111111111111',
  eve: '22222222-2222-4222-8222-222222222222',
}
type User = keyof typeof articleIds
type World = Awaited<ReturnType<typeof commandWorld>>

/** Stores an article of a user with one of everything, whose bodies name the user, and two calls. */
export async function researchedArticle(w: World, user: User): Promise<void> {
  const body = async (text: string) => {
    const bytes = Buffer.from(`${text} of ${user}`)
    return w.deps.contents.put(user, bytes, 'text/markdown')
  }
  const scraped = async (source: number, url: string, text: string) =>
    article.SourceScraped({
      operation_id: 'op',
      source,
      url,
      final_url: url,
      title: `Title ${source}`,
      snapshot: null,
      markdown: await body(text),
      converter: 'c',
      cleaned_by: null,
      revision: null,
      facts: {},
      notes: [],
      retrieved_at: at,
    })
  const link = (source: number, kind: 'web' | 'github' | 'youtube', url: string) => ({
    source,
    kind,
    url,
    canonical: url,
  })
  const found = (source: number, url: string) => ({
    ...link(source, 'web', url),
    first: true,
    title: `Found ${source}`,
    snippet: 'A snippet',
    published_at: null,
    cited: true,
  })
  const answer = await body('The answer')
  const events: NewEvent[] = [
    article.ArticleCreated({
      article_id: articleIds[user],
      title: `Of ${user}`,
      guideline: await body('# The guideline'),
      created_at: at,
    }),
    article.UrlsExtracted({
      links: [
        { ...link(1, 'web', 'https://a.example/page'), rank: 'golden' },
        { ...link(2, 'github', 'https://github.com/a/b'), rank: null },
        { ...link(3, 'youtube', 'https://youtu.be/abcdefghijk'), rank: 'other' },
      ],
      local_files: ['notes.md'],
      extracted_at: at,
    }),
    article.LocalFileUploaded({
      source: 4,
      name: 'notes.md',
      original: await body('notes'),
      markdown: await body('notes'),
      uploaded_at: at,
    }),
    await scraped(1, 'https://a.example/page', 'The page'),
    await scraped(2, 'https://github.com/a/b', 'The repository'),
    await scraped(3, 'https://youtu.be/abcdefghijk', 'The captions'),
    article.QueriesGenerated({
      round: 1,
      queries: [{ query_number: 1, query: 'What is it?', reason: 'because' }],
      by: 'agent',
      note: null,
      generated_at: at,
    }),
    article.ResearchResultRecorded({
      operation_id: 'op',
      query_number: 1,
      provider: 'p',
      answer,
      found: [found(5, 'https://b.example/kept'), found(6, 'https://c.example/not')],
      cost_usd: 0.25,
      recorded_at: at,
    }),
    article.SourcesSelected({
      decisions: [
        { source: 5, keep: true, reason: 'good' },
        { source: 6, keep: false, reason: 'bad' },
      ],
      by: 'agent',
      note: null,
      selected_at: at,
    }),
    article.SourcesChosenForScraping({
      chosen: [{ source: 5, reason: 'best' }],
      dropped: [],
      by: 'agent',
      note: null,
      chosen_at: at,
    }),
    await scraped(5, 'https://b.example/kept', 'The kept page'),
    article.ResearchCompiled({
      research: await body('# Research'),
      evidence: await body('{}'),
      compiler: 'c',
      through_version: 11,
      compiled_at: at,
    }),
  ]
  const streamId = article.articleStream(articleIds[user])
  await appendTo(w.deps.store, { userId: user, streamId }, events, {
    expectedVersion: 0,
    metadata: { actor: 'agent' },
  })
  const month = new Date().toISOString().slice(0, 7)
  const call_id = `call-of-${user}`
  await appendTo(
    w.deps.store,
    { userId: user, streamId: usage.usageStream(user, month) },
    [
      usage.ToolCalled({
        call_id,
        tool: 'get_article',
        article_id: null,
        weight: 1,
        called_at: at,
      }),
      usage.ToolCalled({
        call_id: 'back',
        tool: 'get_article',
        article_id: null,
        weight: 1,
        called_at: at,
      }),
      usage.ToolCallRefunded({
        call_id: 'back',
        tool: 'get_article',
        weight: 1,
        reason: 'r',
        refunded_at: at,
      }),
    ],
    { expectedVersion: 0, metadata: { actor: 'agent' } },
  )
}
