import { loadArticle } from '../../commands/articles/article-stream.ts'
import { runOf } from '../../commands/runs/research-run.ts'
import { articleStream } from '../../events/articles/article-events.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import type { ResearchRun } from '../../events/runs/run-state.ts'
import type { ToolContext } from '../protocol/tool-context.ts'

/**
 * Waits until the run asks or ends, the time is over, or client or server go away, and tells the client of every
 * step and item on the way. The run is the workers', so ending the wait ends nothing else.
 */
export async function waitForRun(
  context: ToolContext,
  articleId: string,
  runId: string,
  waitSeconds: number,
): Promise<{ article: ExistingArticle; run: ResearchRun }> {
  const { deps, caller } = context
  const signal = AbortSignal.any([context.signal, deps.stopping])
  const deadline = performance.now() + waitSeconds * 1000
  const stream = { userId: caller.userId, streamId: articleStream(articleId) }
  let told = -1
  for (;;) {
    const { article, version } = await loadArticle(deps.store, caller.userId, articleId)
    const run = runOf(article, runId)
    const { done, total, message } = progressOf(article, run)
    if (done > told) {
      told = done
      await context.progress(done, total, message)
    }
    const timeoutMs = deadline - performance.now()
    if (run.status !== 'running' || timeoutMs <= 0 || signal.aborted) return { article, run }
    await deps.store.waitForChange(stream, version, { timeoutMs, signal })
  }
}

/** Steps and items that have ended, out of those that are known: a run learns of more as it goes. */
function progressOf(article: ExistingArticle, run: ResearchRun) {
  let done = 0
  let total = 0
  for (const step of run.steps) {
    const operation = article.operations.get(step.callId)
    const items = operation ? operation.succeeded.length + operation.failed.length : 0
    done += items + (step.state === 'begun' ? 0 : 1)
    total += (operation?.items.length ?? 0) + 1
  }
  const atWork = run.steps.filter(({ state }) => state === 'begun').map(({ tool }) => tool)
  const message = atWork.length > 0 ? atWork.join(', ') : run.status
  return { done, total: Math.max(total, done), message }
}
