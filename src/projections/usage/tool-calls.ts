import { usageStream } from '../../events/usage/usage-events.ts'
import type { TenantReader } from '../../store/database/tenant.ts'
import { definePatchProjection } from '../define-projection.ts'

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
    'weight',
    'status',
    'called_at',
    'settled_at',
    'duration_ms',
    'code',
  ],
  // A refused call weighs nothing.
  defaults: { weight: 0 },
  on: {
    ToolCalled: patch(
      'ToolCalled',
      `'month', right(stream_id, 7), 'tool', data->'tool', 'article_id', data->'article_id',
       'weight', nova.weight_of(data), 'status', 'open', 'called_at', data->'called_at'`,
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

/**
 * Units of the user's calls of a month that are still at work, one call aside (the one that asks): those the
 * projection has open and those that began unseen by it, less those that ended so.
 */
export async function reservedUnits(
  reader: TenantReader,
  userId: string,
  month: string,
  except = '',
): Promise<number> {
  const [row] = await reader.query<{ reserved: number }>(
    userId,
    `with tail as materialized (
       select e.type, e.data->>'call_id' as call_id, nova.weight_of(e.data) as weight
       from nova.unseen('tool_calls', $1, $2, ($3 || '-01T00:00:00Z')::timestamptz - interval '1 hour') e
     ), begun as (
       select call_id, weight from nova.tool_calls
         where user_id = $1 and status = 'open' and month = $3
       union all
       select call_id, weight from tail where type = 'ToolCalled'
     )
     select coalesce(sum(weight), 0)::bigint as reserved from begun b
     where b.call_id <> $4 and not exists (
       select from tail t where t.type = 'ToolCallSettled' and t.call_id = b.call_id)`,
    [userId, usageStream(userId, month), month, except],
  )
  return row?.reserved ?? 0
}
