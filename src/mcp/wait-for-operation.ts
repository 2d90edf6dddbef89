import { loadArticle } from '../commands/article-stream.ts'
import { articleStream } from '../events/article-events.ts'
import type { ExistingArticle, Operation } from '../events/article-state.ts'
import { type ItemView, itemView } from './operation-items.ts'
import type { ToolContext } from './tool-context.ts'

export const isOpen = (operation: Operation): boolean =>
  operation.status === 'running' || operation.status === 'cancelling'

/**
 * Waits until the operation ends, the time is over, or client or server go away, telling the client of every item
 * on the way. The work is done by jobs, so ending the wait ends nothing else.
 */
export async function waitForOperation(
  context: ToolContext,
  wanted: { articleId: string; operationId: string; waitSeconds: number },
): Promise<{ article: ExistingArticle; operation: Operation }> {
  const { deps, caller } = context
  const signal = AbortSignal.any([context.signal, deps.stopping])
  const deadline = performance.now() + wanted.waitSeconds * 1000
  const stream = { userId: caller.userId, streamId: articleStream(wanted.articleId) }
  const told = new Set<number>()
  for (let first = true; ; first = false) {
    const { article, version } = await loadArticle(deps.store, caller.userId, wanted.articleId)
    const operation = article.operations.get(wanted.operationId)
    if (!operation) throw new Error(`operation ${wanted.operationId} is not in its article`)
    const total = operation.items.length
    const fresh = operation.items.filter((item) => isDone(operation, item) && !told.has(item))
    if (first && fresh.length === 0) await context.progress(0, total, `0 of ${total} done`)
    for (const item of fresh) {
      told.add(item)
      await context.progress(told.size, total, progressMessage(itemView(article, operation, item)))
    }
    const timeoutMs = deadline - performance.now()
    if (!isOpen(operation) || timeoutMs <= 0 || signal.aborted) return { article, operation }
    await deps.store.waitForChange(stream, version, { timeoutMs, signal })
  }
}

const isDone = (operation: Operation, item: number): boolean =>
  operation.succeeded.includes(item) || operation.failed.includes(item)

/** Without the title: a host may show it as words of ours. */
const progressMessage = ({ label, failure }: ItemView): string =>
  failure ? `failed ${failure}: ${label}` : `done: ${label}`
