import type { NewEvent } from '../../events/define-event.ts'
import { newEventId } from './event-id.ts'
import type { AppendOptions, StreamRef } from './event-store.ts'

/** What the database answers to an append. */
export interface AppendAnswer {
  version: number
  last_position: number
  repeated: boolean
}

/** A prepared append, as pg takes it. */
export interface AppendQuery {
  name: string
  text: string
  values: unknown[]
}

// Answers come as one value: unfolding them into columns costs the server 15 µs, a tenth of an append.

/** One event, the common case, goes as scalars: that is half the work on the server. */
const appendOne = {
  name: 'nova_append_one',
  text: `select nova.append_one($1, $2, $3, $4, $5, $6, $7, $8, $9) as answer`,
}
const appendMany = {
  name: 'nova_append',
  text: `select nova.append($1, $2, $3, $4, $5, $6, $7, $8::text[]::jsonb[], $9) as answer`,
}
const appendStart = {
  name: 'nova_append_start',
  text: `select nova.append_start($1, $2, $3, $4, $5, $6, $7, $8::text[]::jsonb[], $9) as answer`,
}
const appendSettlement = {
  name: 'nova_append_settlement',
  text: `select nova.settle_tool_call($1, $2, $3, $4, $5, $6, $7::text[]::jsonb[], $8) as answer`,
}
const appendTogether = {
  name: 'nova_append_together',
  text: `select nova.append_together($1, $2, $3, $4, $5, $6, $7::text[]::jsonb[], $8, $9, $10, $11, $12,
           $13::text[]::jsonb[], $14) as answer`,
}

/** The one statement that an append is, as pg takes it. */
export function appendQuery(
  { userId, streamId }: StreamRef,
  events: readonly NewEvent[],
  options: AppendOptions,
): AppendQuery {
  const { expectedVersion, idempotencyKey = null, settlesCall, beside = [] } = options
  const version = expectedVersion === 'any' ? null : expectedVersion
  const metadata = JSON.stringify(options.metadata)
  if (settlesCall !== undefined) {
    const values = [userId, streamId, settlesCall, ...columnsOf(events), metadata]
    return { ...appendSettlement, values }
  }
  if (beside.length > 0) {
    const others = [
      beside.map((other) => other.streamId),
      beside.map((other) => other.expectedVersion),
      ...columnsOf(beside.map(({ event }) => event)),
    ]
    const values = [userId, ...others, streamId, version, ...columnsOf(events), metadata]
    return { ...appendTogether, values }
  }
  if (options.operationsMax) {
    const bound = [userId, streamId, version, options.operationsMax]
    return { ...appendStart, values: [...bound, ...columnsOf(events), metadata] }
  }
  const where = [userId, streamId, version, idempotencyKey]
  const [only, ...others] = events
  if (only && others.length === 0) {
    const event = scalarsOf(only)
    return { ...appendOne, values: [...where, ...event, metadata] }
  }
  return { ...appendMany, values: [...where, ...columnsOf(events), metadata] }
}

/** Whether the append can be sent with others of its kind. */
export const canJoinOthers = (query: AppendQuery): boolean => query.name === appendOne.name

/** Names the stream that an append which can join others is for. */
export const streamOf = ({ values: [userId, streamId] }: AppendQuery): string =>
  `${userId}\n${streamId}`

/** By its id the last event of an append is found, when the answer was lost. */
export function lastEventId({ name, values }: AppendQuery): unknown {
  const ids = values[name === appendTogether.name ? 9 : 4]
  return Array.isArray(ids) ? ids.at(-1) : ids
}

/** Appends that can go together in one statement, which answers each in order, or null. */
export const joinedQuery = (queries: readonly AppendQuery[]): AppendQuery => ({
  name: 'nova_append_each',
  text: 'select nova.append_each($1) as answer',
  values: [`[${queries.map(asJson).join()}]`],
})

function asJson({ values }: AppendQuery): string {
  const [user_id, stream_id, expected, key, id, type, schema_version, data, metadata] = values
  const where = { user_id, stream_id, expected, key, id, type, schema_version }
  // These two are JSON already.
  return `${JSON.stringify(where).slice(0, -1)},"data":${data},"metadata":${metadata}}`
}

/** Reads `(version,position,f)`. */
export function readAnswer(answer: string): AppendAnswer {
  const [version, position, repeated] = answer.slice(1, -1).split(',')
  if (!repeated) throw new Error(`an append was answered with "${answer}"`)
  return { version: Number(version), last_position: Number(position), repeated: repeated === 't' }
}

const scalarsOf = (event: NewEvent) => [
  newEventId(),
  event.type,
  event.schemaVersion,
  JSON.stringify(event.data),
]

const columnsOf = (events: readonly NewEvent[]) => [
  events.map(() => newEventId()),
  events.map((event) => event.type),
  events.map((event) => event.schemaVersion),
  events.map((event) => JSON.stringify(event.data)),
]
