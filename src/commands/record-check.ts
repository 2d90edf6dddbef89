import { type ArticleEvent, SourceChecked } from '../events/article-events.ts'
import type { ArticleSource, CheckOutcome, ExistingArticle } from '../events/article-state.ts'
import { changeArticle } from './article-stream.ts'
import type { Caller, CommandDeps } from './handle.ts'

export interface RecordCheck {
  source: number
  outcome: CheckOutcome
  /** Of the bytes that the page gives now; null when it gave none. */
  sha256: string | null
}

/** The web pages of an article that were read, and can be asked whether they still say the same. */
export const checkableSources = (article: ExistingArticle): ArticleSource[] =>
  [...article.sources.values()].filter(isCheckable)

const isCheckable = (source: ArticleSource): boolean =>
  source.kind === 'web' && source.markdown !== null && source.snapshot !== null

/** Every check is recorded, also one that found nothing new: that a page stood unchanged is a fact. */
export function decideRecordCheck(
  command: RecordCheck & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  const source = article.sources.get(command.source)
  if (!source || !isCheckable(source)) return []
  return [
    SourceChecked({
      source: command.source,
      outcome: command.outcome,
      sha256: command.sha256,
      checked_at: command.now.toISOString(),
    }),
  ]
}

export const recordCheck = (
  deps: CommandDeps,
  caller: Caller,
  articleId: string,
  command: RecordCheck,
) =>
  changeArticle(deps, caller, articleId, (article) =>
    decideRecordCheck({ ...command, now: deps.now() }, article),
  )
