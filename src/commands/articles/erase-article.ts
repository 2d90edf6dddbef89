import { Refusal } from '../../errors.ts'
import { ArticleErased } from '../../events/articles/article-events.ts'
import type { Erased, Erasure } from '../../store/events/erasure.ts'
import { ConcurrencyConflict } from '../../store/events/event-store.ts'
import { type Caller, type CommandDeps, pauseAfter } from '../handle.ts'
import { loadArticle } from './article-stream.ts'

/** Losing this often in a row means that its jobs are busy; each of them ends by itself. */
const attempts = 12

/**
 * Removes the article's bodies and what its events say of people and pages, for good: in any state, also
 * while work is running, whose jobs then find no article and end. Counts and usage stay. Erasing twice
 * answers as if the article had never been.
 */
export async function eraseArticle(
  deps: Pick<CommandDeps, 'store' | 'now'> & { erasure: Erasure },
  caller: Caller,
  command: { articleId: string },
): Promise<Erased> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const { article, version } = await loadArticle(deps.store, caller.userId, command.articleId)
    try {
      return await deps.erasure.erase({
        userId: caller.userId,
        articleId: article.articleId,
        expectedVersion: version,
        erased: ArticleErased({ erased_at: deps.now().toISOString() }),
        metadata: caller.metadata,
      })
    } catch (error) {
      if (!(error instanceof ConcurrencyConflict)) throw error
    }
    await pauseAfter(attempt)
  }
  throw new Refusal('CONCURRENT_CHANGE')
}
