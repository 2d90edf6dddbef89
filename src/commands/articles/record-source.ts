import {
  type ArticleEvent,
  SourceFailed,
  SourceScraped,
} from '../../events/articles/article-events.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import type { ContentRef } from '../../events/define-event.ts'
import type { GatheredSource } from '../../sources/source.ts'
import type { SourceFailure } from '../../sources/source-failure.ts'
import { visibleLine } from '../../visible-text.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { isItemOpen } from '../runs/operation-items.ts'
import { changeAnyArticle } from './article-stream.ts'

interface SourceOutcome {
  operationId: string
  source: number
  url: string
}

export interface RecordScraped extends SourceOutcome {
  gathered: GatheredSource
  markdown: ContentRef
  snapshot: ContentRef | null
  cleanedBy: string | null
}

export interface RecordFailed extends SourceOutcome {
  failure: Pick<SourceFailure, 'reason' | 'detail' | 'retryable'>
}

export function decideRecordScraped(
  command: RecordScraped,
  article: ExistingArticle,
): ArticleEvent[] {
  if (!isItemOpen(article, command.operationId, command.source)) return []
  const { gathered } = command
  const { author, site, publishedAt, language, canonicalUrl } = gathered.facts
  return [
    SourceScraped({
      operation_id: command.operationId,
      source: command.source,
      url: command.url,
      final_url: gathered.finalUrl.slice(0, 4096),
      title: visibleLine(gathered.title, 500),
      snapshot: command.snapshot,
      markdown: command.markdown,
      converter: gathered.converter.slice(0, 60),
      cleaned_by: command.cleanedBy,
      revision: gathered.revision ? visibleLine(gathered.revision, 300) : null,
      facts: {
        ...(author && { author: visibleLine(author, 300) }),
        ...(site && { site: visibleLine(site, 300) }),
        ...(publishedAt && { published_at: visibleLine(publishedAt, 60) }),
        ...(language && { language: visibleLine(language, 60) }),
        ...(canonicalUrl && { canonical_url: canonicalUrl.slice(0, 4096) }),
      },
      notes: gathered.notes.slice(0, 50).map((note) => visibleLine(note, 500)),
      retrieved_at: gathered.retrievedAt.toISOString(),
    }),
  ]
}

export function decideRecordFailed(
  command: RecordFailed & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  if (!isItemOpen(article, command.operationId, command.source)) return []
  return [
    SourceFailed({
      operation_id: command.operationId,
      source: command.source,
      url: command.url,
      reason: command.failure.reason,
      detail: visibleLine(command.failure.detail ?? '', 500) || null,
      retryable: command.failure.retryable,
      failed_at: command.now.toISOString(),
    }),
  ]
}

export const recordScraped = (
  deps: CommandDeps,
  caller: Caller,
  articleId: string,
  command: RecordScraped,
) => changeAnyArticle(deps, caller, articleId, (article) => decideRecordScraped(command, article))

export const recordFailed = (
  deps: CommandDeps,
  caller: Caller,
  articleId: string,
  command: RecordFailed,
) =>
  changeAnyArticle(deps, caller, articleId, (article) =>
    decideRecordFailed({ ...command, now: deps.now() }, article),
  )
