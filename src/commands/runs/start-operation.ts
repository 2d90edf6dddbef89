import { foldArticle } from '../../events/articles/article.ts'
import { type ArticleEvent, OperationStarted } from '../../events/articles/article-events.ts'
import { openOperations } from '../../events/articles/article-operations.ts'
import type { ExistingArticle, Operation } from '../../events/articles/article-state.ts'
import type { SlowTool } from '../../events/articles/slow-tools.ts'
import { changeArticle, existing } from '../articles/article-stream.ts'
import { decideGenerateQueries, type ProposedQueries } from '../articles/generate-queries.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { itemsFor } from './operation-items.ts'

export interface StartOperation {
  articleId: string
  tool: SlowTool
  /** The id of the tool call that starts it; the job settles that call. */
  operationId: string
  /** The month in which that call was admitted, and what it counts there. */
  month: string
  weight: number
  /** The caller's own queries, to be added before it starts. */
  queries?: ProposedQueries['queries'] | undefined
  /** The call that this one repeats because its answer was lost: the operation it began is the answer. */
  repeats?: string | null
  /** How many operations the user may have at once; 0 = any number. */
  operationsMax: number
}

/** The tool's operation that is still running; a second call joins it instead of starting another. */
const runningOperation = (article: ExistingArticle, tool: SlowTool): Operation | undefined =>
  openOperations(article).find((operation) => operation.tool === tool)

const knownOperation = (article: ExistingArticle, { tool, repeats }: StartOperation) =>
  (repeats && article.operations.get(repeats)) || runningOperation(article, tool)

/** Nothing to do adds nothing: the answer says so and the call is refunded. */
export function decideStartOperation(
  command: StartOperation & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  if (knownOperation(article, command)) return []
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

/** Own queries and the operation that asks them are one append: neither is there without the other. */
function decideQueriesAndStart(
  command: StartOperation & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  const { queries, now } = command
  const added = queries
    ? decideGenerateQueries({ queries, by: 'agent', note: null, now }, article)
    : []
  const then = existing(foldArticle(article, added))
  return [...added, ...decideStartOperation(command, then)]
}

/** `operation` is null when there is nothing to do. */
export async function startOperation(deps: CommandDeps, caller: Caller, command: StartOperation) {
  const { operationsMax, queries } = command
  const handled = await changeArticle(
    deps,
    caller,
    command.articleId,
    (article) => decideQueriesAndStart({ ...command, queries, now: deps.now() }, article),
    (events) =>
      operationsMax > 0 && events.some(({ type }) => type === 'OperationStarted')
        ? { name: 'operations_max', args: { max: operationsMax } }
        : undefined,
  )
  const operation = knownOperation(handled.article, command) ?? null
  const joined = operation !== null && operation.id !== command.operationId
  return { ...handled, operation, joined }
}
