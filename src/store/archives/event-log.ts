import type pg from 'pg'
import type { EventMetadata } from '../../events/define-event.ts'
import { translateDatabaseError } from '../database/database-error.ts'

/** An event of any user, as an operator sees it. */
export interface LoggedEvent {
  position: number
  event_id: string
  recorded_at: Date
  user_id: string
  stream_id: string
  stream_version: number
  type: string
  schema_version: number
  data: unknown
  metadata: EventMetadata
  erased_at: Date | null
  /** The sentence of the audit, null while that has not seen the event. */
  summary: string | null
}

export interface EventFilter {
  userId?: string
  articleId?: string
  type?: string
  since?: Date
  until?: Date
  /** A tool call's id: the call itself and all that followed from it. */
  callId?: string
}

const columns = `e.global_position as position, e.event_id, e.recorded_at, e.user_id, e.stream_id,
  e.stream_version, e.type, e.schema_version, e.data, e.metadata, e.erased_at, a.summary`

const filtered = `from nova.events e
  left join nova.audit a on a.user_id = e.user_id and a.position = e.global_position
  where ($1::text is null or e.user_id = $1)
    and ($2::text is null or e.stream_id = 'article-' || $2 or e.data->>'article_id' = $2)
    and ($3::text is null or e.type = $3)
    and ($4::timestamptz is null or e.recorded_at >= $4)
    and ($5::timestamptz is null or e.recorded_at < $5)
    and ($6::text is null or e.metadata->>'correlation_id' = $6 or e.data->>'call_id' = $6)`

const valuesOf = (filter: EventFilter): unknown[] => [
  filter.userId ?? null,
  filter.articleId ?? null,
  filter.type ?? null,
  filter.since ?? null,
  filter.until ?? null,
  filter.callId ?? null,
]

/** The latest events that match, oldest first. `projector` may read all users' events. */
export async function latestEvents(
  projector: pg.Pool,
  filter: EventFilter,
  limit: number,
): Promise<{ events: LoggedEvent[]; position: number }> {
  const to = await safePosition(projector)
  const events = await query<LoggedEvent>(
    projector,
    `select ${columns} ${filtered} and e.global_position <= $7
     order by e.global_position desc limit $8`,
    [...valuesOf(filter), to, limit],
  )
  return { events: events.toReversed(), position: to }
}

/** The events that match after a position, in an order that no later commit slips before. */
export async function eventsAfter(
  projector: pg.Pool,
  filter: EventFilter,
  page: { after: number; limit: number },
): Promise<{ events: LoggedEvent[]; position: number }> {
  const to = await safePosition(projector)
  const events = await query<LoggedEvent>(
    projector,
    `select ${columns} ${filtered} and e.global_position > $7 and e.global_position <= $8
     order by e.global_position limit $9`,
    [...valuesOf(filter), page.after, to, page.limit],
  )
  const last = events.length === page.limit ? events.at(-1)?.position : undefined
  return { events, position: last ?? Math.max(to, page.after) }
}

/** One event of a cause and effect; `cause` is the id of the event that led to it. */
export interface ExplainedEvent {
  event_id: string
  position: number
  recorded_at: Date
  type: string
  actor: string | null
  client: string | null
  cause: string | null
  /** The id of the tool call or request that it belongs to. */
  correlation_id: string | null
  call_id: string | null
  summary: string
  /** The month in whose archive the event is, when it is in none of the database's. */
  archived_month: string | null
}

const explainedMax = 5000

/** The event and everything that began with the same tool call or request; empty when there is none. */
export function eventsAround(projector: pg.Pool, eventId: string): Promise<ExplainedEvent[]> {
  return query<ExplainedEvent>(
    projector,
    `with asked as (select user_id, event_id, correlation_id from nova.audit where event_id = $1 limit 1)
     select a.event_id, a.position, a.recorded_at, a.type, a.actor, a.client, a.causation_id as cause,
       a.correlation_id, a.call_id, a.summary,
       case when not exists (
         select from nova.events e where e.user_id = a.user_id and e.global_position = a.position
       ) then to_char(a.recorded_at at time zone 'UTC', 'YYYY-MM') end as archived_month
     from nova.audit a join asked on a.user_id = asked.user_id
       and (a.event_id = asked.event_id or a.correlation_id = asked.correlation_id)
     order by a.position limit ${explainedMax}`,
    [eventId],
  )
}

/** Read before the events, in an earlier snapshot; see nova.safe_position. */
async function safePosition(pool: pg.Pool): Promise<number> {
  const rows = await query<{ safe: number }>(pool, 'select nova.safe_position() as safe', [])
  return rows[0]?.safe ?? 0
}

async function query<Row extends object>(pool: pg.Pool, text: string, values: unknown[]) {
  try {
    return (await pool.query<Row>(text, values)).rows
  } catch (error) {
    throw translateDatabaseError(error)
  }
}
