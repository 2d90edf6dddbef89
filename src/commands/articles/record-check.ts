import { type ArticleEvent, SourceChecked } from '../../events/articles/article-events.ts'
import type {
  ArticleSource,
  CheckOutcome,
  ExistingArticle,
} from '../../events/articles/article-state.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { changeArticle } from './article-stream.ts'

export interface RecordCheck {
  source: number
  outcome: CheckOutcome
  /** The hash of the bytes, or of the text, that the source gives now; null when it gave none. */
  sha256: string | null
}

/** The sources of an article that were read, and whether each can be asked if it still says the same. */
export const checkableSources = (article: ExistingArticle) =>
  [...article.sources.values()]
    .filter((source) => source.markdown !== null)
    .map((source) => ({ source, obstacle: checkObstacle(source) }))

/** Why a source cannot be asked again; null when it can. */
function checkObstacle(source: ArticleSource): string | null {
  if (source.markdown === null) return 'it was not read'
  if (source.kind === 'file') return 'an uploaded file has no address'
  const isHeard = source.kind === 'youtube' && !source.snapshot && !source.revision
  return isHeard ? 'a model wrote down what it heard, and would write something else' : null
}

/** Every check is recorded, also one that found nothing new: that a source stood unchanged is a fact. */
export function decideRecordCheck(
  command: RecordCheck & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  const source = article.sources.get(command.source)
  if (!source || checkObstacle(source) !== null) return []
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
