import { evolveArticle } from '../../src/events/articles/article.ts'
import type { ArticleEvent } from '../../src/events/articles/article-events.ts'
import * as article from '../../src/events/articles/article-events.ts'
import {
  type Article,
  type ExistingArticle,
  initialArticle,
} from '../../src/events/articles/article-state.ts'
import type { SlowTool } from '../../src/events/articles/slow-tools.ts'
import { specFor } from './given.ts'

/** Facts about one article, to build histories from. */
export const now = new Date('2026-05-01T12:00:00.000Z')
export const at = now.toISOString()
export const articleId = '00000000-0000-4000-8000-000000000001'
export const ref = (n: number) => ({
  sha256: n.toString(16).padStart(64, '0'),
  size: n,
  media_type: 'text/markdown',
})

export const created = article.ArticleCreated({
  article_id: articleId,
  title: 'On ledgers',
  guideline: ref(1),
  created_at: at,
})

const page = (source: number, kind: 'web' | 'github' | 'youtube' = 'web') => ({
  source,
  url: `https://a.example/${source}`,
  canonical: `https://a.example/${source}`,
  kind,
})

export const link = (source: number, kind: 'web' | 'github' | 'youtube' = 'web') => ({
  ...page(source, kind),
  rank: null,
})

/** Two web pages, a repository and a video. */
export const extracted = article.UrlsExtracted({
  links: [link(1), link(2), link(3, 'github'), link(4, 'youtube')],
  local_files: ['notes.md', 'model.py'],
  extracted_at: at,
})

export const started = (tool: SlowTool, items: number[], operationId = 'op1') =>
  article.OperationStarted({
    operation_id: operationId,
    tool,
    items,
    usage_month: '2026-05',
    usage_weight: 1,
    started_at: at,
  })

export const finished = (
  tool: SlowTool,
  outcome: 'completed' | 'failed' | 'cancelled',
  succeeded: number,
  failed: number,
) =>
  article.OperationFinished({
    operation_id: 'op1',
    tool,
    outcome,
    succeeded,
    failed,
    finished_at: at,
  })

export const cancelled = (operationId = 'op1') =>
  article.OperationCancelled({ operation_id: operationId, cancelled_at: at })

export const scraped = (source: number, operationId = 'op1') =>
  article.SourceScraped({
    operation_id: operationId,
    source,
    url: `https://a.example/${source}`,
    final_url: `https://a.example/${source}`,
    title: `Page ${source}`,
    snapshot: ref(source + 100),
    markdown: ref(source + 200),
    converter: 'web/1',
    cleaned_by: null,
    revision: null,
    facts: {},
    notes: [],
    retrieved_at: at,
  })

export const failed = (source: number, retryable: boolean, operationId = 'op1') =>
  article.SourceFailed({
    operation_id: operationId,
    source,
    url: `https://a.example/${source}`,
    reason: retryable ? 'TIMEOUT' : 'NOT_FOUND',
    detail: null,
    retryable,
    failed_at: at,
  })

export const asked = (round: number, ...numbers: number[]) =>
  article.QueriesGenerated({
    round,
    queries: numbers.map((n) => ({ query_number: n, query: `query ${n}`, reason: 'a gap' })),
    by: 'heuristic',
    note: null,
    generated_at: at,
  })

export const found = (query: number, ...sources: number[]) =>
  article.ResearchResultRecorded({
    operation_id: 'op1',
    query_number: query,
    provider: 'searxng',
    answer: null,
    found: sources.map((n) => ({
      ...page(n),
      first: true,
      title: `Result ${n}`,
      snippet: 'a snippet',
      published_at: null,
      cited: false,
    })),
    cost_usd: null,
    recorded_at: at,
  })

export const selected = (...decisions: [source: number, keep: boolean][]) =>
  article.SourcesSelected({
    decisions: decisions.map(([source, keep]) => ({ source, keep, reason: 'because' })),
    by: 'agent',
    note: null,
    selected_at: at,
  })

export const archived = article.ArticleArchived({ archived_at: at })
export const renamed = (title: string) => article.ArticleRenamed({ title, renamed_at: at })
export const unarchived = article.ArticleUnarchived({ unarchived_at: at })

export const chosen = (...sources: number[]) =>
  article.SourcesChosenForScraping({
    chosen: sources.map((source) => ({ source, reason: 'because' })),
    dropped: [],
    by: 'agent',
    note: null,
    chosen_at: at,
  })

/** A spec for a decider on an existing article. */
export const articleSpec = <Command>(
  decide: (command: Command, article: ExistingArticle) => ArticleEvent[],
) =>
  specFor<Article, ArticleEvent, Command>({
    initial: initialArticle,
    evolve: evolveArticle,
    decide: (command, state) => {
      if (state.status === 'absent') throw new Error('begin with ArticleCreated')
      return decide(command, state)
    },
  })

/** The article after events. */
export function articleAfter(...events: ArticleEvent[]): ExistingArticle {
  const state = events.reduce(evolveArticle, initialArticle)
  if (state.status === 'absent') throw new Error('begin with ArticleCreated')
  return state
}
