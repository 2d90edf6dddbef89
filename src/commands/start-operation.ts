import { type ArticleEvent, OperationStarted, type SlowTool } from '../events/article-events.ts'
import type { ExistingArticle, Operation } from '../events/article-state.ts'
import type { EventStore } from '../store/event-store.ts'
import { changeArticle } from './article-stream.ts'
import type { Caller, CommandDeps } from './handle.ts'
import { itemsFor } from './operation-items.ts'

export interface StartOperation {
  articleId: string
  tool: SlowTool
  /** The id of the tool call that starts it; the job settles that call. */
  operationId: string
  /** The month in which that call was admitted, and what it counts there. */
  month: string
  weight: number
  /** How many operations the user may have at once; 0 = any number. */
  operationsMax: number
}

/** The tool's operation that is still running; a second call joins it instead of starting another. */
const runningOperation = (article: ExistingArticle, tool: SlowTool): Operation | undefined =>
  [...article.operations.values()].find(
    (operation) =>
      operation.tool === tool &&
      (operation.status === 'running' || operation.status === 'cancelling'),
  )

/** Nothing to do adds nothing: the answer says so and the call is refunded. */
export function decideStartOperation(
  command: StartOperation & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  if (runningOperation(article, command.tool)) return []
  const items = itemsFor(command.tool, article)
  if (items.length === 0) return []
  return [
    OperationStarted({
      operation_id: command.operationId,
      tool: command.tool,
      items,
      usage_month: command.month,
      usage_weight: command.weight,
      started_at: command.now.toISOString(),
    }),
  ]
}

/** `operation` is null when there is nothing to do. */
export async function startOperation(deps: CommandDeps, caller: Caller, command: StartOperation) {
  const store = bounded(deps.store, command.operationsMax)
  const handled = await changeArticle({ store }, caller, command.articleId, (article) =>
    decideStartOperation({ ...command, now: deps.now() }, article),
  )
  const operation = runningOperation(handled.article, command.tool) ?? null
  const joined = operation !== null && operation.id !== command.operationId
  return { ...handled, operation, joined }
}

/** The store as it is for starting: it counts what runs already. */
const bounded = (store: EventStore, operationsMax: number): EventStore => ({
  append: (stream, events, options) => store.append(stream, events, { ...options, operationsMax }),
  read: (stream, afterVersion) => store.read(stream, afterVersion),
  readAll: (afterPosition, limit) => store.readAll(afterPosition, limit),
  waitForChange: (stream, afterVersion, options) =>
    store.waitForChange(stream, afterVersion, options),
})
