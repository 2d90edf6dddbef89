import { createHash } from 'node:crypto'
import type pg from 'pg'
import type { ArchivePart } from './event-archives.ts'
import { type EventFileHeader, endOf, eventLine, headerOf, parseEventLine } from './event-lines.ts'
import { readAll } from './read-all.ts'

/** A part of a month that leaves; `before` is the first month in which an article still is in use. */
export interface LeavingMonth {
  month: string
  part: ArchivePart
  before: string
}

/** What a file of a part of a month holds: the digest covers the hashes of its events in order. */
export interface MonthContent {
  month: string
  part: ArchivePart
  events: number
  firstPosition: number
  lastPosition: number
  digest: string
}

const eventsPerPage = 500

/** The events of a month that leave, as lines, the form an export has; one snapshot, in constant memory. */
export async function* archiveLines(
  projector: pg.Pool,
  { month, part, before }: LeavingMonth,
  now: Date,
): AsyncGenerator<string> {
  yield headerOf(now, { month, part })
  let events = 0
  const rows = readAll<{ line: string }>(
    projector,
    `select ${eventLine} as line from nova.events e
     join nova.leaving_streams($1::date, $2, $3::date) l using (user_id, stream_id)
     where e.recorded_at >= $1::date::timestamp at time zone 'UTC'
       and e.recorded_at < ($1::date + interval '1 month') at time zone 'UTC'
     order by e.global_position`,
    [`${month}-01`, part, `${before}-01`],
  )
  for await (const { line } of rows) {
    events += 1
    yield line
  }
  yield endOf(events, 0)
}

/** Reads an archive's lines through, a page at a time. Null when they are not a whole archive. */
export async function readArchive(
  lines: AsyncIterable<string>,
  onEvents: (lines: string[], of: { month: string }) => Promise<void> = async () => {},
): Promise<MonthContent | null> {
  const hashes = createHash('sha256')
  let header: { month: string; part: ArchivePart } | undefined
  const counted = { events: 0, firstPosition: 0, lastPosition: 0 }
  let waiting: string[] = []
  let ended = false
  for await (const line of lines) {
    const parsed = parseEventLine(line)
    if (!parsed || ended || 'nova_events' in parsed !== (header === undefined)) return null
    if ('nova_events' in parsed) header = monthOf(parsed)
    if (!header) return null
    if ('end' in parsed) ended = parsed.end.events === counted.events
    if (!('event' in parsed)) continue
    const { event } = parsed
    if (event.position <= counted.lastPosition) return null
    hashes.update(Buffer.from(event.hash, 'hex'))
    counted.events += 1
    counted.firstPosition ||= event.position
    counted.lastPosition = event.position
    waiting.push(line)
    if (waiting.length < eventsPerPage) continue
    await onEvents(waiting, header)
    waiting = []
  }
  if (!header || !ended) return null
  await onEvents(waiting, header)
  return { ...header, ...counted, digest: hashes.digest('hex') }
}

/** Archives of before there were parts are of usage. */
function monthOf({ month, part = 'usage' }: EventFileHeader) {
  return month !== undefined && /^\d{4}-(0[1-9]|1[0-2])$/.test(month) ? { month, part } : undefined
}
