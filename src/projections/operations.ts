import type { SlowTool } from '../events/article-events.ts'
import type { TenantReader } from '../store/tenant.ts'
import { articleOfStream, definePatchProjection } from './define-projection.ts'

const patch = (type: string, columns: string): string => `
  select user_id, data->>'operation_id' as operation_id, global_position as position,
    jsonb_build_object(${columns}) as patch
  from (select *, ${articleOfStream} from batch where type = '${type}') as started`

/** One row per operation: which article it belongs to, and how it ended. */
export const operationsProjection = definePatchProjection({
  name: 'operations',
  key: ['user_id', 'operation_id'],
  columns: [
    'article_id',
    'tool',
    'status',
    'total',
    'succeeded',
    'failed',
    'started_at',
    'finished_at',
  ],
  defaults: { succeeded: 0, failed: 0 },
  ofArticles: true,
  on: {
    OperationStarted: patch(
      'OperationStarted',
      `'article_id', article_id, 'tool', data->'tool', 'status', 'running',
       'total', jsonb_array_length(data->'items'), 'started_at', data->'started_at'`,
    ),
    OperationFinished: patch(
      'OperationFinished',
      `'status', data->'outcome', 'succeeded', data->'succeeded', 'failed', data->'failed',
       'finished_at', data->'finished_at'`,
    ),
  },
})

export interface OperationRow {
  operation_id: string
  article_id: string
  tool: SlowTool
  status: 'running' | 'completed' | 'failed' | 'cancelled'
  total: number
  succeeded: number
  failed: number
  started_at: Date
  finished_at: Date | null
}

/** The user's operation, or null. Its progress while running is in the article's stream. */
export async function findOperation(
  reader: TenantReader,
  userId: string,
  operationId: string,
): Promise<OperationRow | null> {
  const rows = await reader.query<OperationRow>(
    userId,
    `select operation_id, article_id, tool, status, total, succeeded, failed, started_at, finished_at
     from nova.operations where user_id = $1 and operation_id = $2`,
    [userId, operationId],
  )
  return rows[0] ?? null
}
