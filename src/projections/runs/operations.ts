import type { TenantReader } from '../../store/database/tenant.ts'
import { articleOfStream, definePatchProjection } from '../define-projection.ts'

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

/**
 * The article of the user's operation, or null. One that has just begun is found among the events that the
 * projection has not seen: its id was given out, whether or not a worker lives. How far it is, the article's
 * stream says.
 */
export async function articleOfOperation(
  reader: TenantReader,
  userId: string,
  operationId: string,
): Promise<string | null> {
  const [row] = await reader.query<{ article_id: string }>(
    userId,
    `select article_id from nova.operations where user_id = $1 and operation_id = $2
     union all
     select ${articleOfStream} from nova.events e
     where e.user_id = $1 and e.type = 'OperationStarted' and e.data->>'operation_id' = $2
       and e.global_position > (
         select c.position from nova.projections c where c.name = 'operations' and c.status = 'live')
     limit 1`,
    [userId, operationId],
  )
  return row?.article_id ?? null
}
