import { randomUUID } from 'node:crypto'
import {
  ArticleCreated,
  articleStream,
  OperationFinished,
  OperationStarted,
  UrlsExtracted,
} from '../../src/events/articles/article-events.ts'
import type { NewEvent } from '../../src/events/define-event.ts'
import { ToolCalled, ToolCallSettled, usageStream } from '../../src/events/usage/usage-events.ts'
import { createPool } from '../../src/store/database/database-pools.ts'
import { PostgresEventStore } from '../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../src/store/events/stream-signal.ts'
import { appendTo } from '../../test/support/append-to.ts'
import { metadata, scraped } from './event.ts'
import type { BenchDatabase } from './server.ts'

const at = '2026-05-01T12:00:00.000Z'
const sources = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
const tool = 'scrape_and_clean_other_urls'
const users = 50

const created = ArticleCreated({
  article_id: randomUUID(),
  title: 'An article of the benchmark',
  guideline: { sha256: 'c'.repeat(64), size: 4096, media_type: 'text/markdown' },
  created_at: at,
})
const extracted = UrlsExtracted({
  links: sources.map((source) => ({
    source,
    url: `https://a.example/${source}`,
    canonical: `a.example/${source}`,
    kind: 'web' as const,
    rank: null,
  })),
  local_files: [],
  extracted_at: at,
})
const settled = ToolCallSettled({
  call_id: 'c',
  tool,
  outcome: 'completed',
  code: null,
  items_ok: 10,
  items_failed: 0,
  duration_ms: 2500,
  cost_usd: 0.001,
  settled_at: at,
})

const change = (event: NewEvent, data: object): NewEvent => ({
  ...event,
  data: { ...(event.data as object), ...data },
})

/** The first event of an article. */
export const articleCreated = (articleId: string): NewEvent =>
  change(created, { article_id: articleId })

/** An article whose ten sources are read: fourteen events. */
function articleEvents(articleId: string): NewEvent[] {
  const operation_id = randomUUID()
  return [
    articleCreated(articleId),
    extracted,
    OperationStarted({
      operation_id,
      tool,
      items: sources,
      usage_month: '2026-05',
      usage_weight: 1,
      started_at: at,
    }),
    ...sources.map((source) => change(scraped, { operation_id, source })),
    OperationFinished({
      operation_id,
      tool,
      outcome: 'completed',
      succeeded: 10,
      failed: 0,
      finished_at: at,
    }),
  ]
}

/** Three tool calls: six events. */
function callEvents(): NewEvent[] {
  return [0, 1, 2].flatMap(() => {
    const call_id = randomUUID()
    return [
      ToolCalled({ call_id, tool, article_id: null, weight: 1, called_at: at }),
      change(settled, { call_id }),
    ]
  })
}

/** Fills a database with so many events of articles and calls; without waiting for the disk. */
export async function loadHistory(made: BenchDatabase, events: number): Promise<void> {
  const pool = createPool(
    { ...made.endpoint, options: '-c synchronous_commit=off' },
    { name: 'bench', max: 4, role: 'nova_app', timeouts: {} },
  )
  const store = new PostgresEventStore({ app: pool, projector: pool }, new StreamSignal())
  let left = events
  const loader = async () => {
    while (left > 0) {
      left -= 20
      const userId = `user-${(left / 20) % users}`
      const articleId = randomUUID()
      const options = { expectedVersion: 'any' as const, metadata }
      await appendTo(
        store,
        { userId, streamId: articleStream(articleId) },
        articleEvents(articleId),
        options,
      )
      await appendTo(
        store,
        { userId, streamId: usageStream(userId, '2026-05') },
        callEvents(),
        options,
      )
    }
  }
  await Promise.all(Array.from({ length: 4 }, loader))
  await pool.query('select 1')
  await pool.end()
}
