import { loadArticle } from '../commands/article-stream.ts'
import { articleStream } from '../events/article-events.ts'
import type { ExistingArticle, Operation } from '../events/article-state.ts'
import { itemLabel } from './operation-items.ts'
import type { ToolContext } from './tool-context.ts'

export const isOpen = (operation: Operation): boolean =>
  operation.status === 'running' || operation.status === 'cancelling'

/**
 * Waits until the operation ends, the time is over or the client is gone, telling the client of every item
 * on the way. The work is done by jobs, so ending the wait ends nothing else.
 */
export async function waitForOperation(
  context: ToolContext,
  wanted: { articleId: string; operationId: string; waitSeconds: number },
): Promise<{ article: ExistingArticle; operation: Operation }> {
  const { deps, caller, signal } = context
  const deadline = performance.now() + wanted.waitSeconds * 1000
  const stream = { userId: caller.userId, streamId: articleStream(wanted.articleId) }
  let told = -1
  for (;;) {
    const { article, version } = await loadArticle(deps.store, caller.userId, wanted.articleId)
    const operation = article.operations.get(wanted.operationId)
    if (!operation) throw new Error(`operation ${wanted.operationId} is not in its article`)
    const done = operation.succeeded.length + operation.failed.length
    if (done !== told) {
      told = done
      await context.progress(done, operation.items.length, progressMessage(article, operation))
    }
    const timeoutMs = deadline - performance.now()
    if (!isOpen(operation) || timeoutMs <= 0 || signal.aborted) return { article, operation }
    await deps.store.waitForChange(stream, version, { timeoutMs, signal })
  }
}

function progressMessage(article: ExistingArticle, operation: Operation): string {
  const done = operation.succeeded.length + operation.failed.length
  const count = `${done} of ${operation.items.length}`
  const failed = operation.failed.length ? `, ${operation.failed.length} failed` : ''
  const last = operation.items.findLast(
    (item) => operation.succeeded.includes(item) || operation.failed.includes(item),
  )
  return last === undefined
    ? `${count} done`
    : `${count} done${failed}: ${itemLabel(article, operation, last)}`
}
