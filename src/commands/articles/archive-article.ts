import {
  ArticleArchived,
  type ArticleEvent,
  ArticleUnarchived,
} from '../../events/articles/article-events.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { cancelledRun, openRun } from '../runs/research-run.ts'
import { changeAnyArticle } from './article-stream.ts'

export interface ArchiveArticle {
  articleId: string
  /** False takes it back from the archive. */
  archived: boolean
}

/** An article that is as wanted already adds no event, so archiving twice is archiving once. */
export function decideArchiveArticle(
  { archived, now }: Omit<ArchiveArticle, 'articleId'> & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  if (article.archived === archived) return []
  const at = now.toISOString()
  if (!archived) return [ArticleUnarchived({ unarchived_at: at })]
  const run = openRun(article)
  return [...(run ? cancelledRun(article, run, now) : []), ArticleArchived({ archived_at: at })]
}

/**
 * An archived article stays readable and takes no more work: what is running is aborted, what it has done is kept,
 * and a research run of it ends. Taken back, the article goes on where it was.
 */
export const archiveArticle = (
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  { articleId, archived }: ArchiveArticle,
) =>
  changeAnyArticle(deps, caller, articleId, (article) =>
    decideArchiveArticle({ archived, now: deps.now() }, article),
  )
