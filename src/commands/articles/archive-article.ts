import { ArticleArchived } from '../../events/articles/article-events.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { cancelledRun, openRun } from '../runs/research-run.ts'
import { changeArticle } from './article-stream.ts'

/** An archived article stays readable and takes no more work; a research run of it ends. */
export const archiveArticle = (deps: CommandDeps, caller: Caller, command: { articleId: string }) =>
  changeArticle(deps, caller, command.articleId, (article) => {
    const now = deps.now()
    const run = openRun(article)
    return [
      ...(run ? cancelledRun(article, run, now) : []),
      ArticleArchived({ archived_at: now.toISOString() }),
    ]
  })
