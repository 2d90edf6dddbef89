import {
  type ArticleEvent,
  ResearchQueryFailed,
  ResearchResultRecorded,
} from '../../events/articles/article-events.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import type { ContentRef } from '../../events/define-event.ts'
import { canonicalUrl } from '../../sources/canonical-url.ts'
import { linkKind } from '../../sources/link-kind.ts'
import { visibleLine } from '../../visible-text.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { isItemOpen } from '../runs/operation-items.ts'
import { changeAnyArticle, nextSourceNumber } from './article-stream.ts'

interface QueryOutcome {
  operationId: string
  queryNumber: number
}

/** One page that a search named, as the provider described it. */
export interface FoundPage {
  url: string
  title: string
  snippet: string | null
  published_at: string | null
  cited: boolean
}

export interface RecordResult extends QueryOutcome {
  provider: string
  answer: ContentRef | null
  sources: readonly FoundPage[]
  costUsd: number | null
}

export interface RecordQueryFailed extends QueryOutcome {
  reason: string
  detail: string | null
}

/** The same page found twice is one source: it keeps the number of its first finding. */
export function decideRecordResult(
  command: RecordResult & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  if (!isItemOpen(article, command.operationId, command.queryNumber)) return []
  const numbers = new Map([...article.sources.values()].map((s) => [s.canonical, s.number]))
  let next = nextSourceNumber(article)
  const seen = new Set<string>()
  const found = command.sources.flatMap((page) => {
    const canonical = canonicalUrl(page.url)
    if (!canonical || seen.has(canonical)) return []
    seen.add(canonical)
    const known = numbers.get(canonical)
    return [
      {
        source: known ?? next++,
        first: known === undefined,
        url: page.url,
        canonical,
        kind: linkKind(page.url),
        title: visibleLine(page.title, 500),
        snippet: page.snippet === null ? null : visibleLine(page.snippet, 2000),
        published_at: page.published_at === null ? null : visibleLine(page.published_at, 60),
        cited: page.cited,
      },
    ]
  })
  return [
    ResearchResultRecorded({
      operation_id: command.operationId,
      query_number: command.queryNumber,
      provider: command.provider.slice(0, 60),
      answer: command.answer,
      found,
      cost_usd: command.costUsd,
      recorded_at: command.now.toISOString(),
    }),
  ]
}

export function decideRecordQueryFailed(
  command: RecordQueryFailed & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  if (!isItemOpen(article, command.operationId, command.queryNumber)) return []
  return [
    ResearchQueryFailed({
      operation_id: command.operationId,
      query_number: command.queryNumber,
      reason: command.reason,
      detail: visibleLine(command.detail ?? '', 500) || null,
      failed_at: command.now.toISOString(),
    }),
  ]
}

export const recordResult = (
  deps: CommandDeps,
  caller: Caller,
  articleId: string,
  command: RecordResult,
) =>
  changeAnyArticle(deps, caller, articleId, (article) =>
    decideRecordResult({ ...command, now: deps.now() }, article),
  )

export const recordQueryFailed = (
  deps: CommandDeps,
  caller: Caller,
  articleId: string,
  command: RecordQueryFailed,
) =>
  changeAnyArticle(deps, caller, articleId, (article) =>
    decideRecordQueryFailed({ ...command, now: deps.now() }, article),
  )
