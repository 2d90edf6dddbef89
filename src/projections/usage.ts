import type { TenantReader } from '../store/tenant.ts'
import type { Projection } from './define-projection.ts'

const ofType = (type: string): string => `count(*) filter (where type = '${type}')`
const sumOf = (field: string, type: string): string =>
  `coalesce(sum((data->>'${field}')::${type}), 0)`

/** Counters per user, month and tool: one set-based statement per batch. */
export const usageProjection: Projection = {
  name: 'usage',
  fold: (table) => `
insert into ${table} as u (
  user_id, month, tool, calls, refunds, refusals, completed, failures, items_ok, items_failed,
  duration_ms, cost_usd, stream_version)
select user_id, right(stream_id, 7), data->>'tool',
  ${ofType('ToolCalled')}, ${ofType('ToolCallRefunded')}, ${ofType('ToolCallRefused')},
  count(*) filter (where type = 'ToolCallSettled' and data->>'outcome' = 'completed'),
  count(*) filter (where type = 'ToolCallSettled' and data->>'outcome' = 'failed'),
  ${sumOf('items_ok', 'bigint')}, ${sumOf('items_failed', 'bigint')},
  ${sumOf('duration_ms', 'bigint')}, ${sumOf('cost_usd', 'double precision')},
  max(stream_version)
from nova.events
where global_position > $1 and global_position <= $2
  and type in ('ToolCalled', 'ToolCallSettled', 'ToolCallRefunded', 'ToolCallRefused')
group by user_id, right(stream_id, 7), data->>'tool'
on conflict (user_id, month, tool) do update set
  calls = u.calls + excluded.calls,
  refunds = u.refunds + excluded.refunds,
  refusals = u.refusals + excluded.refusals,
  completed = u.completed + excluded.completed,
  failures = u.failures + excluded.failures,
  items_ok = u.items_ok + excluded.items_ok,
  items_failed = u.items_failed + excluded.items_failed,
  duration_ms = u.duration_ms + excluded.duration_ms,
  cost_usd = u.cost_usd + excluded.cost_usd,
  stream_version = excluded.stream_version`,
}

export interface UsageRow {
  tool: string
  calls: number
  refunds: number
  refusals: number
  completed: number
  failures: number
  items_ok: number
  items_failed: number
  duration_ms: number
  cost_usd: number
}

/** The user's usage of one month (`yyyy-mm`), by tool. */
export function usageOf(reader: TenantReader, userId: string, month: string): Promise<UsageRow[]> {
  return reader.query<UsageRow>(
    userId,
    `select tool, calls, refunds, refusals, completed, failures, items_ok, items_failed, duration_ms,
       cost_usd
     from nova.usage where user_id = $1 and month = $2 order by calls desc, tool`,
    [userId, month],
  )
}
