import { createHash } from 'node:crypto'
import type pg from 'pg'
import { Refusal } from '../../errors.ts'
import { isErrorCode } from '../database/error-code.ts'
import { asKeeper } from './as-keeper.ts'
import { type EventFileLine, parseEventLine } from './event-lines.ts'
import { insertEventLines, monthOf } from './insert-event-lines.ts'
import { verifyWith } from './verify-events.ts'

export interface Imported {
  events: number
  contents: number
}

/** Lines that go to the server together: so many, or fewer when they are long. */
const linesPerInsert = 1000
const bytesPerInsert = 2_000_000

/**
 * Stores an export in a database that has no events, all or nothing: ids, versions, times and hashes as
 * they were, positions anew in the same order, so projections fold to the same rows. Runs as the owner in
 * one transaction during which appends wait. Throws Refusal DATABASE_NOT_EMPTY or IMPORT_INVALID.
 */
export async function importEvents(
  owner: pg.Pool,
  lines: AsyncIterable<string>,
): Promise<Imported> {
  return asKeeper(owner, async (client) => {
    // Every append begins at its stream's row, so from here on there is none in flight.
    await client.query('lock table nova.streams in exclusive mode')
    await assertEmpty(client)
    const base = await holdPositions(client)
    const imported = await storeLines(client, lines, base)
    await client.query(
      `insert into nova.streams (user_id, stream_id, version, last_hash)
       select distinct on (user_id, stream_id) user_id, stream_id, stream_version, hash
       from nova.events order by user_id, stream_id, stream_version desc`,
    )
    const { problems } = await verifyWith(client)
    const [problem] = problems
    if (problem) {
      const at = `${problem.stream_id} version ${problem.stream_version} of ${problem.user_id}`
      throw new Refusal('IMPORT_INVALID', { problem: `${at} is ${problem.problem}` })
    }
    await client.query(`select setval('nova.position_seq', $1)`, [base + imported.events])
    return imported
  })
}

async function assertEmpty(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ filled: boolean }>(
    `select exists (select from nova.events) or exists (select from nova.contents)
       or exists (select from nova.streams) or exists (select from nova.event_archives) as filled`,
  )
  if (rows[0]?.filled !== false) throw new Refusal('DATABASE_NOT_EMPTY')
}

/** Answers the position after which the events go, and keeps readers from passing it until the commit. */
async function holdPositions(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ base: number }>(
    `select pg_advisory_xact_lock_shared((4554::bigint << 40) | last), last as base
     from (select pg_sequence_last_value('nova.position_seq') as last) as held`,
  )
  return rows[0]?.base ?? 0
}

async function storeLines(
  client: pg.PoolClient,
  lines: AsyncIterable<string>,
  base: number,
): Promise<Imported> {
  const counted: Imported = { events: 0, contents: 0 }
  const months = new Set<string>()
  let waiting: string[] = []
  let bytes = 0
  let number = 0
  let ended = false
  // One batch is being stored while the next is read and checked.
  let storing: Promise<void> = Promise.resolve()
  const flush = async () => {
    await storing
    const [batch, from, line] = [waiting, base + counted.events, number]
    storing = orInvalid(line, () => insertEventLines(client, batch, { base: from }))
    storing.catch(() => {})
    counted.events += batch.length
    waiting = []
    bytes = 0
  }
  for await (const line of lines) {
    if (line === '') continue
    number += 1
    const parsed = parseEventLine(line)
    if (!parsed || ended || (number === 1) !== 'nova_events' in parsed) {
      throw invalid(number, 'is not what an export holds there')
    }
    if ('event' in parsed) {
      await ensureMonth(client, months, monthOf(parsed.event.recorded_us))
      bytes += line.length
      if (waiting.push(line) >= linesPerInsert || bytes >= bytesPerInsert) await flush()
    } else if ('content' in parsed) {
      await storeContent(client, parsed.content, number)
      counted.contents += 1
    } else if ('end' in parsed) {
      await flush()
      await storing
      const { events, contents } = parsed.end
      ended = events === counted.events && contents === counted.contents
      if (!ended) throw invalid(number, 'names other counts than the file holds')
    }
  }
  if (!ended) throw new Refusal('IMPORT_INVALID', { problem: 'the file has no end' })
  return counted
}

async function ensureMonth(client: pg.PoolClient, known: Set<string>, month: string) {
  if (known.has(month)) return
  known.add(month)
  await client.query('select nova.create_event_month($1::date)', [`${month}-01`])
}

type ContentLine = Extract<EventFileLine, { content: unknown }>['content']

async function storeContent(client: pg.PoolClient, content: ContentLine, line: number) {
  const body = Buffer.from(content.body, 'base64')
  const sha256 = createHash('sha256').update(body).digest('hex')
  if (sha256 !== content.sha256) throw invalid(line, 'holds a body that is not the one of its hash')
  await client.query(
    `insert into nova.contents (user_id, sha256, size, media_type, body, created_at)
     values ($1, $2, $3, $4, $5, timestamptz 'epoch' + $6::bigint * interval '1 microsecond')`,
    [content.user_id, sha256, body.byteLength, content.media_type, body, content.created_us],
  )
}

/** Values that the database cannot take, and ids or versions that come twice. */
async function orInvalid(line: number, store: () => Promise<void>): Promise<void> {
  try {
    await store()
  } catch (error) {
    if (isErrorCode(error, '23505')) throw invalid(line, 'or one shortly before comes twice')
    if (isErrorCode(error, '22P02', '22003', '22P05', '23502')) {
      throw invalid(line, 'or one shortly before cannot be stored')
    }
    throw error
  }
}

const invalid = (line: number, problem: string) =>
  new Refusal('IMPORT_INVALID', { problem: `line ${line} ${problem}` })
