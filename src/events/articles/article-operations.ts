import type { ArticleEvent } from './article-events.ts'
import type { ExistingArticle, Operation } from './article-state.ts'
import type { SlowTool } from './slow-tools.ts'

/** Whether an operation of this status has not ended. One that is being cancelled ends when its items in flight have. */
export const isOpen = (status: string): status is 'running' | 'cancelling' =>
  status === 'running' || status === 'cancelling'

/** The article's operations that have not ended, oldest first. */
export const openOperations = (article: ExistingArticle): Operation[] =>
  [...article.operations.values()].filter(({ status }) => isOpen(status))

/** The slow tools whose items all failed the last time, unless the user said to go on without them. */
export function totalFailures(article: ExistingArticle): SlowTool[] {
  const last = new Map(
    [...article.operations.values()].map((operation) => [operation.tool, operation]),
  )
  const accepted = new Set([...article.runs.values()].flatMap(({ without }) => [...without]))
  return [...last.values()]
    .filter(({ tool, status }) => status === 'failed' && !accepted.has(tool))
    .map(({ tool }) => tool)
}

interface ItemDone {
  operationId: string
  item: number
  ok: boolean
  at: string
  costUsd?: number | null
}

/** Notes that one item of an operation is done, well or not. */
export function itemDone(operations: Map<string, Operation>, done: ItemDone): void {
  const { operationId, item, ok, at, costUsd = null } = done
  const operation = operations.get(operationId)
  if (!operation) return
  const list = ok ? 'succeeded' : 'failed'
  operations.set(operationId, {
    ...operation,
    [list]: [...operation[list], item],
    changedAt: at,
    costUsd: costUsd === null ? operation.costUsd : (operation.costUsd ?? 0) + costUsd,
  })
}

/** Notes that an operation begins, is to be cancelled, or ends. */
export function changeOperation(
  operations: Map<string, Operation>,
  event: Extract<
    ArticleEvent,
    { type: 'OperationStarted' | 'OperationFinished' | 'OperationCancelled' }
  >,
): void {
  const { operation_id: id } = event.data
  if (event.type === 'OperationStarted') {
    const { tool, items, started_at: startedAt } = event.data
    operations.set(id, {
      id,
      tool,
      items,
      status: 'running',
      succeeded: [],
      failed: [],
      startedAt,
      changedAt: startedAt,
      usageMonth: event.data.usage_month,
      usageWeight: event.data.usage_weight,
      costUsd: null,
    })
    return
  }
  const operation = operations.get(id)
  if (!operation) return
  const [status, changedAt] =
    event.type === 'OperationFinished'
      ? [event.data.outcome, event.data.finished_at]
      : (['cancelling', event.data.cancelled_at] as const)
  operations.set(id, { ...operation, status, changedAt })
}
