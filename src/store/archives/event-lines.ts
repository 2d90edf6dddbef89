import { z } from 'zod'

/**
 * One event as a line of JSON, built in the database: its numbers keep every digit, and the hashes still
 * hold. Times are microseconds since 1970.
 */
export const eventLine = `json_build_object('event', json_build_object(
  'position', e.global_position, 'event_id', e.event_id, 'user_id', e.user_id,
  'stream_id', e.stream_id, 'stream_version', e.stream_version, 'type', e.type,
  'schema_version', e.schema_version, 'data', e.data, 'metadata', e.metadata,
  'recorded_us', (extract(epoch from e.recorded_at) * 1000000)::bigint,
  'erased_us', (extract(epoch from e.erased_at) * 1000000)::bigint,
  'data_hash', encode(e.data_hash, 'hex'), 'hash', encode(e.hash, 'hex')))::text`

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const micros = z.number().int().min(0)

const headerLine = z.strictObject({
  nova_events: z.literal(1),
  /** The month and the part of an archive. */
  month: z.string().optional(),
  part: z.enum(['usage', 'all']).optional(),
  exported_at: z.iso.datetime(),
})

const storedEventLine = z.strictObject({
  event: z.strictObject({
    position: z.number().int().min(1),
    event_id: z.string().min(1).max(64),
    user_id: z.string().min(1),
    stream_id: z.string().min(1),
    stream_version: z.number().int().min(1),
    type: z.string().min(1),
    schema_version: z.number().int().min(1),
    data: z.record(z.string(), z.unknown()),
    metadata: z.record(z.string(), z.unknown()),
    recorded_us: micros,
    erased_us: micros.nullable(),
    data_hash: hash,
    hash,
  }),
})

const contentLine = z.strictObject({
  content: z.strictObject({
    user_id: z.string().min(1),
    sha256: hash,
    size: z.number().int().min(0),
    media_type: z.string(),
    created_us: micros,
    body: z.base64(),
  }),
})

const endLine = z.strictObject({
  end: z.strictObject({ events: z.number().int(), contents: z.number().int() }),
})

const anyLine = z.union([storedEventLine, contentLine, headerLine, endLine])

export type EventFileLine = z.infer<typeof anyLine>
export type EventFileHeader = z.infer<typeof headerLine>

export const headerOf = (now: Date, archive?: { month: string; part: 'usage' | 'all' }): string =>
  JSON.stringify({ nova_events: 1, ...archive, exported_at: now.toISOString() })

/** The last line: a file that was cut off has none. */
export const endOf = (events: number, contents: number): string =>
  JSON.stringify({ end: { events, contents } })

/** What a line of an events file says; null when it is no such line. */
export function parseEventLine(line: string): EventFileLine | null {
  try {
    return anyLine.parse(JSON.parse(line))
  } catch {
    return null
  }
}
