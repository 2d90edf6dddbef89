import { loadArticle } from '../../commands/articles/article-stream.ts'
import { Refusal } from '../../errors.ts'
import { articleStream } from '../../events/articles/article-events.ts'
import { isOpen } from '../../events/articles/article-operations.ts'
import type { ExistingArticle, Operation } from '../../events/articles/article-state.ts'
import type { ToolContext } from '../protocol/tool-context.ts'
import { type ItemView, itemView } from './operation-answer.ts'

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
    const operation = operationOf(article, wanted.operationId)
    const total = operation.items.length
    const fresh = operation.items.filter((item) => isDone(operation, item) && !told.has(item))
    if (first && fresh.length === 0) await context.progress(0, total, `0 of ${total} done`)
    for (const item of fresh) {
      told.add(item)
      await context.progress(told.size, total, progressMessage(itemView(article, operation, item)))
    }
    const timeoutMs = deadline - performance.now()
    if (!isOpen(operation.status) || timeoutMs <= 0 || signal.aborted) return { article, operation }
    await deps.store.waitForChange(stream, version, { timeoutMs, signal })
  }
}

/** What is known of an operation that an event on record began, ended or cancelled. */
interface Followed {
  article: ExistingArticle
  operation: Operation
}

/**
 * Sends the operation's job and waits for a while. The operation is on record whatever fails here: then only
 * the waiting has failed, and the answer is what was known before. Housekeeping sends a job that was not sent.
 * Throws ARTICLE_NOT_FOUND when the article was erased meanwhile.
 */
export async function followOperation(
  context: ToolContext,
  known: Followed,
  waitSeconds: number,
): Promise<Followed> {
  const { deps, caller } = context
  const operationId = known.operation.id
  const job = { userId: caller.userId, articleId: known.article.articleId, operationId }
  try {
    await deps.operations.enqueue(job)
    return await waitForOperation(context, { ...job, waitSeconds })
  } catch (error) {
    if (error instanceof Refusal && error.code === 'ARTICLE_NOT_FOUND') throw error
    deps.log.warn({ err: error, operation_id: operationId }, 'operation not waited for')
    return known
  }
}

export function operationOf(article: ExistingArticle, operationId: string): Operation {
  const operation = article.operations.get(operationId)
  if (!operation) throw new Error(`operation ${operationId} is not in its article`)
  return operation
}

const isDone = (operation: Operation, item: number): boolean =>
  operation.succeeded.includes(item) || operation.failed.includes(item)

/** Without the title: a host may show it as words of ours. */
export const progressMessage = ({ label, failure }: ItemView): string =>
  failure ? `failed ${failure}: ${label}` : `done: ${label}`
