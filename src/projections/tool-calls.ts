import type { TenantReader } from '../store/tenant.ts'
import { definePatchProjection } from './define-projection.ts'

const patch = (type: string, columns: string): string => `
  select user_id, data->>'call_id' as call_id, global_position as position,
    jsonb_build_object(${columns}) as patch
  from batch where type = '${type}'`

/** One row per tool call. An open call without an operation behind it is one that a crash left over. */
export const toolCallsProjection = definePatchProjection({
  name: 'tool_calls',
  key: ['user_id', 'call_id'],
  columns: [
    'month',
    'tool',
    'article_id',
    'status',
    'called_at',
    'settled_at',
    'duration_ms',
    'code',
  ],
  defaults: {},
  on: {
    ToolCalled: patch(
      'ToolCalled',
      `'month', right(stream_id, 7), 'tool', data->'tool', 'article_id', data->'article_id',
       'status', 'open', 'called_at', data->'called_at'`,
    ),
    ToolCallSettled: patch(
      'ToolCallSettled',
      `'status', data->'outcome', 'settled_at', data->'settled_at',
       'duration_ms', data->'duration_ms', 'code', data->'code'`,
    ),
    ToolCallRefunded: patch('ToolCallRefunded', `'status', 'refunded'`),
    ToolCallRefused: patch(
      'ToolCallRefused',
      `'month', right(stream_id, 7), 'tool', data->'tool', 'status', 'quota',
       'called_at', data->'refused_at', 'settled_at', data->'refused_at'`,
    ),
  },
})

/** How many of the user's calls of a month are still at work, one aside (the call that asks). */
export async function countOpenCalls(
  reader: TenantReader,
  userId: string,
  month: string,
  except = '',
): Promise<number> {
  const [row] = await reader.query<{ open: number }>(
    userId,
    `select count(*) as open from nova.tool_calls
     where user_id = $1 and status = 'open' and month = $2 and call_id <> $3`,
    [userId, month, except],
  )
  return row?.open ?? 0
}
