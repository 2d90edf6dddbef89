import { usageStream } from '../../events/usage/usage-events.ts'
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
const columns = Object.keys({ ...ofQuota, ...ofOutcomes })
const counted = Object.values({ ...ofQuota, ...ofOutcomes }).join(',\n  ')

/** Counters per user, month and tool: one set-based statement per batch. */
export const usageProjection: Projection = {
  name: 'usage',
  fold: (table) => `
insert into ${table} as u (user_id, month, tool, ${columns.join(', ')}, stream_version)
select user_id, right(stream_id, 7), data->>'tool',
  ${counted},
  max(stream_version)
from nova.events
where global_position > $1 and global_position <= $2
  and type in ('ToolCalled', 'ToolCallSettled', 'ToolCallRefunded', 'ToolCallRefused')
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
 * counts it: what the projection has seen and the tail of the month's stream that it has not. Outcomes
 * follow a moment later.
 */
export function usageOf(reader: TenantReader, userId: string, month: string): Promise<UsageRow[]> {
  const quota = Object.keys(ofQuota)
  const outcomes = ['completed', 'failures', 'items_ok', 'items_failed', 'cost_usd']
  return reader.query<UsageRow>(
    userId,
    `with seen as materialized (
       select * from nova.usage where user_id = $1 and month = $2
     ), tail as (
       select data->>'tool' as tool, ${Object.values(ofQuota).join(', ')} from nova.events
         where user_id = $1 and stream_id = $3
           and stream_version > (select coalesce(max(stream_version), 0) from seen)
         group by 1
     ), counted (tool, ${quota.join(', ')}) as (
       select tool, ${quota.join(', ')} from seen union all select * from tail
     )
     select c.tool, sum(c.calls)::bigint as calls, sum(c.refunds)::bigint as refunds,
       sum(c.refusals)::bigint as refusals, sum(c.units - c.units_refunded)::bigint as used,
       ${outcomes.map((column) => `coalesce(max(s.${column}), 0) as ${column}`).join(', ')}
     from counted c left join seen s using (tool)
     group by c.tool order by calls desc, c.tool`,
    [userId, month, usageStream(userId, month)],
  )
}
