import type { ArticleEvent } from './article-events.ts'
import type { ExistingArticle, Operation } from './article-state.ts'

/** The article with one item of an operation done, well or not. */
export function withItemDone(
  state: ExistingArticle,
  operationId: string,
  item: number,
  ok: boolean,
  costUsd: number | null = null,
): ExistingArticle {
  const operation = state.operations.get(operationId)
  if (!operation) return state
  const list = ok ? 'succeeded' : 'failed'
  return {
    ...state,
    operations: new Map(state.operations).set(operationId, {
      ...operation,
      [list]: [...operation[list], item],
      costUsd: costUsd === null ? operation.costUsd : (operation.costUsd ?? 0) + costUsd,
    }),
  }
}

/** The operations after one begins, is to be cancelled, or ends. */
export function evolveOperations(
  operations: ExistingArticle['operations'],
  event: Extract<
    ArticleEvent,
    { type: 'OperationStarted' | 'OperationFinished' | 'OperationCancelled' }
  >,
): ExistingArticle['operations'] {
  const { operation_id: id } = event.data
  if (event.type === 'OperationStarted') {
    const { tool, items, started_at: startedAt, usage_month: usageMonth } = event.data
    const started: Operation = {
      id,
      tool,
      items,
      status: 'running',
      succeeded: [],
      failed: [],
      startedAt,
      usageMonth,
      costUsd: null,
    }
    return new Map(operations).set(id, started)
  }
  const operation = operations.get(id)
  if (!operation) return operations
  const status = event.type === 'OperationFinished' ? event.data.outcome : 'cancelling'
  return new Map(operations).set(id, { ...operation, status })
}
