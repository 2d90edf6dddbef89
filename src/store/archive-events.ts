import { createHash } from 'node:crypto'
import type pg from 'pg'
import { Refusal } from '../errors.ts'
import { asKeeper } from './as-keeper.ts'
import type { Database } from './database.ts'
import { translateDatabaseError } from './database-error.ts'
import { isErrorCode } from './error-code.ts'
import { endOf, eventLine, headerOf, parseEventLine } from './event-lines.ts'
import { insertEventLines } from './insert-event-lines.ts'
import { verifyWith } from './verify-events.ts'

/** What a file of a month's usage events holds: the digest covers their hashes in order. */
export interface MonthContent {
  events: number
  firstPosition: number
  lastPosition: number
  digest: string
}

const eventsPerPage = 500

/** Months before another (`yyyy-mm`) that hold usage events, oldest first. */
export async function monthsWithUsage(owner: pg.Pool, before: string): Promise<string[]> {
  return asKeeper(owner, async (client) => {
    const { rows } = await client.query<{ month: string }>(
      `select distinct to_char(recorded_at at time zone 'UTC', 'YYYY-MM') as month from nova.events
       where stream_id like 'usage-%' and recorded_at < ($1 || '-01T00:00:00Z')::timestamptz order by 1`,
      [before],
    )
    return rows.map(({ month }) => month)
  })
}

/** A month's usage events as lines, the form an export has; in constant memory. */
export async function* usageLines(
  projector: pg.Pool,
  month: string,
  now: Date,
): AsyncGenerator<string> {
  try {
    yield headerOf(now, month)
    let events = 0
    for (let after = 0; ; ) {
      const { rows } = await projector.query<{ line: string; position: number }>(
        `select ${eventLine} as line, e.global_position as position from nova.events e
         where e.stream_id like 'usage-%' and e.global_position > $1 and ${inMonth('$2')}
         order by e.global_position limit $3`,
        [after, month, eventsPerPage],
      )
      for (const { line } of rows) yield line
      events += rows.length
      const last = rows.at(-1)
      if (!last) break
      after = last.position
    }
    yield endOf(events, 0)
  } catch (error) {
    throw translateDatabaseError(error)
  }
}

const inMonth = (month: string): string =>
  `e.recorded_at >= (${month} || '-01T00:00:00Z')::timestamptz
   and e.recorded_at < (${month} || '-01T00:00:00Z')::timestamptz + interval '1 month'`

/** Reads an archive's lines through. Null when they are not a whole archive of the month. */
export async function readArchive(
  lines: AsyncIterable<string>,
  onEvents: (lines: string[]) => Promise<void> = async () => {},
): Promise<(MonthContent & { month: string }) | null> {
  const hashes = createHash('sha256')
  const content = { events: 0, firstPosition: 0, lastPosition: 0, month: '' }
  let waiting: string[] = []
  let ended = false
  for await (const line of lines) {
    const parsed = parseEventLine(line)
    if (!parsed || ended) return null
    if ('nova_events' in parsed) content.month = parsed.month ?? ''
    if ('end' in parsed) ended = parsed.end.events === content.events
    if (!('event' in parsed)) continue
    const { event } = parsed
    if (event.position <= content.lastPosition || !event.stream_id.startsWith('usage-')) return null
    hashes.update(Buffer.from(event.hash, 'hex'))
    content.events += 1
    content.firstPosition ||= event.position
    content.lastPosition = event.position
    if (waiting.push(line) >= eventsPerPage) await onEvents(waiting.splice(0))
  }
  await onEvents(waiting)
  waiting = []
  if (!ended || !/^\d{4}-\d{2}$/.test(content.month)) return null
  return { ...content, digest: hashes.digest('hex') }
}

/**
 * Takes a month's usage events out of the database, given what the file of them was read back to hold.
 * Throws Refusal ARCHIVE_NOT_READY while a projection has not folded them, or when they are not those.
 */
export async function takeOutUsage(
  database: Pick<Database, 'owner' | 'projector'>,
  month: string,
  content: MonthContent,
): Promise<void> {
  const { rows } = await database.projector.query<{ name: string }>(
    `select name from nova.projections where status <> 'retired' and position < $1 order by name`,
    [content.lastPosition],
  )
  const behind = rows.map(({ name }) => name).join(', ')
  if (behind) throw notReady(month, `not folded yet by ${behind}`)
  try {
    await asKeeper(
      database.owner,
      (client) =>
        client.query(`select nova.take_out_usage($1::date, $2, decode($3, 'hex'))`, [
          `${month}-01`,
          content.events,
          content.digest,
        ]),
      { role: 'owner' },
    )
  } catch (error) {
    if (isErrorCode(error, 'NV004')) throw notReady(month, 'the file does not hold what is stored')
    throw error
  }
}

const notReady = (month: string, problem: string) =>
  new Refusal('ARCHIVE_NOT_READY', { month, problem })

/**
 * Brings an archived month back, at its old positions, and verifies the streams it belongs to. Months come
 * back newest first, since a chain goes on from the last archived event. Throws Refusal ARCHIVE_INVALID.
 */
export async function bringBackUsage(
  owner: pg.Pool,
  path: string,
  lines: AsyncIterable<string>,
): Promise<MonthContent & { month: string }> {
  const refuse = (problem: string) => new Refusal('ARCHIVE_INVALID', { path, problem })
  return asKeeper(owner, async (client) => {
    // The month exists: only its usage events were taken out.
    const content = await readArchive(lines, (page) => insertEventLines(client, page, [], null))
    if (!content) throw refuse('it is not a whole archive')
    const { rows } = await client.query<{ month: string; same: boolean }>(
      `select to_char(month, 'YYYY-MM') as month, digest = decode($1, 'hex') as same
       from nova.event_archives order by nova.event_archives.month desc limit 1`,
      [content.digest],
    )
    const [newest] = rows
    if (newest?.month !== content.month || !newest.same) {
      throw refuse(
        newest
          ? `the month that comes back next is ${newest.month}`
          : 'no events of this database are archived',
      )
    }
    // The streams' anchors go with the month.
    const streams = await client.query<{ user_id: string; stream_id: string }>(
      'select user_id, stream_id from nova.archived_streams where month = $1::date',
      [`${content.month}-01`],
    )
    await client.query('delete from nova.event_archives where month = $1::date', [
      `${content.month}-01`,
    ])
    const returned = new Set(streams.rows.map((row) => `${row.user_id} ${row.stream_id}`))
    const { problems } = await verifyWith(client)
    const broken = problems.find((row) => returned.has(`${row.user_id} ${row.stream_id}`))
    if (broken) throw refuse(`its events do not make ${broken.stream_id} whole`)
    return content
  }).catch((error: unknown) => {
    if (isErrorCode(error, '23505')) throw refuse('its events are in the database already')
    throw error
  })
}
