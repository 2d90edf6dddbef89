import type { TenantReader } from '../../store/database/tenant.ts'
import type { Projection } from '../../store/projections/projection-step.ts'

const ofType = (type: string): string => `count(*) filter (where type = '${type}')`
const settledAs = (outcome: string): string =>
  `count(*) filter (where type = 'ToolCallSettled' and data->>'outcome' = '${outcome}')`
const unitsOf = (type: string): string =>
  `coalesce(sum(nova.weight_of(data)) filter (where type = '${type}'), 0)`
const sumOf = (field: string, type: string): string =>
  `coalesce(sum((data->>'${field}')::${type}), 0)`

/** What is counted, and how some events say it: first what the quota is about. */
const ofQuota = {
  calls: ofType('ToolCalled'),
  refunds: ofType('ToolCallRefunded'),
  refusals: ofType('ToolCallRefused'),
  units: unitsOf('ToolCalled'),
  units_refunded: unitsOf('ToolCallRefunded'),
}
const ofOutcomes = {
  completed: settledAs('completed'),
  failures: settledAs('failed'),
  items_ok: sumOf('items_ok', 'bigint'),
  items_failed: sumOf('items_failed', 'bigint'),
  duration_ms: sumOf('duration_ms', 'bigint'),
  cost_usd: sumOf('cost_usd', 'double precision'),
}
const types = ['ToolCalled', 'ToolCallSettled', 'ToolCallRefunded', 'ToolCallRefused']
const columns = Object.keys({ ...ofQuota, ...ofOutcomes })
const counted = Object.values({ ...ofQuota, ...ofOutcomes }).join(',\n  ')

/** Counters per user, month and tool: one set-based statement per batch. */
export const usageProjection: Projection = {
  name: 'usage',
  types,
  fold: (table) => `
insert into ${table} as u (user_id, month, tool, ${columns.join(', ')}, stream_version)
select user_id, right(stream_id, 7), data->>'tool',
  ${counted},
  max(stream_version)
from nova.events
where global_position > $1 and global_position <= $2
  and type in (${types.map((type) => `'${type}'`).join(', ')})
group by user_id, right(stream_id, 7), data->>'tool'
on conflict (user_id, month, tool) do update set
  ${columns.map((column) => `${column} = u.${column} + excluded.${column}`).join(',\n  ')},
  stream_version = excluded.stream_version`,
}

export interface UsageRow {
  tool: string
  calls: number
  refunds: number
  refusals: number
  /** What counts: the units of the calls, less those given back. */
  used: number
  completed: number
  failures: number
  items_ok: number
  items_failed: number
  cost_usd: number
}

/**
 * The user's usage of one month (`yyyy-mm`), by tool. What the quota is about is as of now, as admission
 * counts it; outcomes follow a moment later.
 */
export function usageOf(reader: TenantReader, userId: string, month: string): Promise<UsageRow[]> {
  const outcomes = ['completed', 'failures', 'items_ok', 'items_failed', 'cost_usd']
  return reader.query<UsageRow>(
    userId,
    `select n.tool, n.calls, n.refunds, n.refusals, n.units - n.units_refunded as used,
       ${outcomes.map((column) => `coalesce(s.${column}, 0) as ${column}`).join(', ')}
     from nova.usage_now($1, $2) n
     left join nova.usage s on s.user_id = $1 and s.month = $2 and s.tool = n.tool
     order by n.calls desc, n.tool`,
    [userId, month],
  )
}
