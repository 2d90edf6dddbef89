import { startOperation } from '../commands/start-operation.ts'
import { Refusal } from '../errors.ts'
import type { SlowTool } from '../events/article-events.ts'
import type { ExistingArticle, Operation } from '../events/article-state.ts'
import type { ToolAnswer, ToolHints } from './define-tool.ts'
import { nothingToDo, type OperationAnswer, operationAnswer } from './operation-answer.ts'
import type { ToolContext } from './tool-context.ts'
import { isOpen, waitForOperation } from './wait-for-operation.ts'

/** Slow tools fetch from the open web, add to the article, and go on where they stopped. */
export const slowHints: ToolHints = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
}

/**
 * Starts the tool's operation, or joins the one that is running, and waits for a while. A client that
 * cancels or disconnects ends only the waiting: the operation goes on, and the same call again joins it.
 * cancel_operation is the way to end the work itself.
 */
export async function runSlowTool(
  context: ToolContext,
  wanted: { tool: SlowTool; articleId: string; waitSeconds: number },
): Promise<ToolAnswer<OperationAnswer>> {
  const { deps, caller } = context
  const started = await startOperation(deps, caller, {
    articleId: wanted.articleId,
    tool: wanted.tool,
    operationId: context.callId,
    month: context.call.month,
    weight: context.call.weight,
    operationsMax: context.call.concurrentOperations,
  })
  if (!started.operation) {
    return { ...nothingToDo(started.article), settle: { refund: 'nothing to do' } }
  }
  const begun = { article: started.article, operation: started.operation }
  const { article, operation } = await followed(context, begun, wanted.waitSeconds).catch(
    (error: unknown) => {
      // Its operation goes on whatever happens here, and the job settles this call with what is done: only
      // the waiting has failed. Housekeeping sends a job that was not sent.
      const isGone = error instanceof Refusal && error.code === 'ARTICLE_NOT_FOUND'
      if (started.joined || isGone) throw error
      deps.log.warn({ err: error, operation_id: begun.operation.id }, 'operation not waited for')
      return begun
    },
  )
  // get_operation finds the operation by its projection, so that must know it before the id is given out.
  if (isOpen(operation) && started.appended) {
    await deps.projections.waitFor(['operations'], started.appended.position).catch(() => false)
  }
  return {
    ...operationAnswer(article, operation),
    settle: started.joined ? { refund: 'joined a running operation' } : 'by_job',
  }
}

async function followed(
  context: ToolContext,
  { article, operation }: { article: ExistingArticle; operation: Operation },
  waitSeconds: number,
) {
  const { articleId } = article
  const { deps, caller } = context
  const job = { userId: caller.userId, articleId, operationId: operation.id }
  await deps.operations.enqueue(job)
  return waitForOperation(context, { ...job, waitSeconds })
}
