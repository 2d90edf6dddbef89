import { Refusal } from '../../errors.ts'
import { type ArticleEvent, ArticleRenamed } from '../../events/articles/article-events.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import { visibleLine } from '../../visible-text.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { changeArticle } from './article-stream.ts'

export interface RenameArticle {
  articleId: string
  title: string
}

const titleCharsMax = 300

/** A title that the article has already adds no event. */
export function decideRenameArticle(
  command: { title: string; now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  const title = visibleLine(command.title, titleCharsMax)
  if (title === '') {
    throw new Refusal('ARGUMENT_INVALID', {
      path: 'title',
      problem: 'must hold visible characters',
    })
  }
  if (title === article.title) return []
  return [ArticleRenamed({ title, renamed_at: command.now.toISOString() })]
}

/** Gives an article another title. What was compiled before keeps the old one until it is compiled again. */
export const renameArticle = (
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  { articleId, title }: RenameArticle,
) =>
  changeArticle(deps, caller, articleId, (article) =>
    decideRenameArticle({ title, now: deps.now() }, article),
  )
