import { Refusal } from '../../errors.ts'
import {
  type ArticleEvent,
  OperationCancelled,
  OperationFinished,
} from '../../events/articles/article-events.ts'
import { isOpen } from '../../events/articles/article-operations.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import { changeAnyArticle, changeArticle } from '../articles/article-stream.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { isAtWork } from './operation-items.ts'

interface OperationCommand {
  articleId: string
  operationId: string
}

/** Cancelling is a request: items in flight end by themselves, the others are not begun. */
export function decideCancelOperation(
  command: { operationId: string; now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  const operation = article.operations.get(command.operationId)
  if (!operation) throw new Refusal('OPERATION_NOT_FOUND')
  if (operation.status === 'cancelling') return []
  if (operation.status !== 'running') throw new Refusal('OPERATION_FINISHED')
  return [
    OperationCancelled({
      operation_id: command.operationId,
      cancelled_at: command.now.toISOString(),
    }),
  ]
}

/** Finishing twice adds nothing, so a worker that wakes up late changes nothing. */
export function decideFinishOperation(
  command: { operationId: string; now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  const operation = article.operations.get(command.operationId)
  if (!operation || !isOpen(operation.status)) return []
  const succeeded = operation.succeeded.length
  const failed = operation.failed.length
  const nothingWorked = succeeded === 0 && failed > 0 ? 'failed' : 'completed'
  return [
    OperationFinished({
      operation_id: operation.id,
      tool: operation.tool,
      outcome: isAtWork(article, operation) ? nothingWorked : 'cancelled',
      succeeded,
      failed,
      finished_at: command.now.toISOString(),
    }),
  ]
}

export const cancelOperation = (deps: CommandDeps, caller: Caller, command: OperationCommand) =>
  changeArticle(deps, caller, command.articleId, (article) =>
    decideCancelOperation({ ...command, now: deps.now() }, article),
  )

export const finishOperation = (deps: CommandDeps, caller: Caller, command: OperationCommand) =>
  changeAnyArticle(deps, caller, command.articleId, (article) =>
    decideFinishOperation({ ...command, now: deps.now() }, article),
  )
