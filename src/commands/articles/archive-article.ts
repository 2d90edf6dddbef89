import { ArticleArchived } from '../../events/articles/article-events.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { changeArticle } from './article-stream.ts'

/** An archived article stays readable and takes no more work. */
export const archiveArticle = (deps: CommandDeps, caller: Caller, command: { articleId: string }) =>
  changeArticle(deps, caller, command.articleId, () => [
    ArticleArchived({ archived_at: deps.now().toISOString() }),
  ])
