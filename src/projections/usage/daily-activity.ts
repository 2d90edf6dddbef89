import type { TenantReader } from '../../store/database/tenant.ts'
import type { Projection } from '../../store/projections/projection-step.ts'

const ofType = (type: string): string => `count(*) filter (where type = '${type}')`
const sizeOf = (ref: string): string => `coalesce((data->'${ref}'->>'size')::bigint, 0)`

/** Counters per user and UTC day: one set-based statement per batch. Sizes are of what Nova kept. */
export const dailyActivityProjection: Projection = {
  name: 'daily_activity',
  fold: (table) => `
insert into ${table} as d (
  user_id, day, events, articles, sources_read, sources_failed, queries, tool_calls, refusals, bytes)
select user_id, (recorded_at at time zone 'UTC')::date, count(*),
  ${ofType('ArticleCreated')},
  count(*) filter (where type in ('SourceScraped', 'LocalFileUploaded')),
  ${ofType('SourceFailed')}, ${ofType('ResearchResultRecorded')}, ${ofType('ToolCalled')},
  ${ofType('ToolCallRefused')},
  sum(${sizeOf('guideline')} + ${sizeOf('markdown')} + ${sizeOf('research')})
from nova.events
where global_position > $1 and global_position <= $2
group by user_id, (recorded_at at time zone 'UTC')::date
on conflict (user_id, day) do update set
  events = d.events + excluded.events,
  articles = d.articles + excluded.articles,
  sources_read = d.sources_read + excluded.sources_read,
  sources_failed = d.sources_failed + excluded.sources_failed,
  queries = d.queries + excluded.queries,
  tool_calls = d.tool_calls + excluded.tool_calls,
  refusals = d.refusals + excluded.refusals,
  bytes = d.bytes + excluded.bytes`,
}

export interface DailyActivityRow {
  /** `yyyy-mm-dd`, UTC. */
  day: string
  events: number
  articles: number
  sources_read: number
  sources_failed: number
  queries: number
  tool_calls: number
  refusals: number
  bytes: number
}

/** The user's days with any event, newest first. */
export function activityOf(
  reader: TenantReader,
  userId: string,
  limit: number,
): Promise<DailyActivityRow[]> {
  return reader.query<DailyActivityRow>(
    userId,
    `select day::text as day, events, articles, sources_read, sources_failed, queries, tool_calls,
       refusals, bytes
     from nova.daily_activity where user_id = $1 order by day desc limit $2`,
    [userId, limit],
  )
}
