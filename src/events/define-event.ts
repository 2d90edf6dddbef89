import { z } from 'zod'
import { storable } from './storable.ts'

/** An event as a decider returns it, before the store gives it an id, a version and a position. */
export interface NewEvent<Type extends string = string, Data = unknown> {
  readonly type: Type
  readonly schemaVersion: number
  readonly data: Data
}

/** An event but for some fields, which the database decides on where it is appended. */
export interface EventDraft<Missing extends string = string> {
  readonly type: string
  readonly schemaVersion: number
  readonly known: Readonly<Record<string, unknown>> & { readonly [Key in Missing]?: never }
}

/** What is known of an event besides its data: who caused it and in which call. */
export interface EventMetadata {
  /** The tool call, request or command that began it all. */
  correlation_id?: string
  /** The event that led to this one. */
  causation_id?: string
  actor: 'user' | 'agent' | 'job' | 'cli' | 'link'
  client?: string
  protocol?: string
  request_id?: string
  /** The API token that was used. */
  token_id?: string
}

/** An event as the store keeps it. */
export interface StoredEvent<Type extends string = string, Data = unknown>
  extends NewEvent<Type, Data> {
  /** ULID, made by the writer. */
  readonly eventId: string
  readonly userId: string
  readonly streamId: string
  /** 1 for a stream's first event. */
  readonly streamVersion: number
  /** Order among all events; has gaps. */
  readonly globalPosition: number
  readonly metadata: EventMetadata
  readonly recordedAt: Date
}

export interface EventDefinition<Type extends string, Data> {
  (data: Data): NewEvent<Type, Data>
  readonly type: Type
  readonly version: number
  readonly schema: z.ZodType<Data>
  /** Makes drafts that lack these fields. */
  without<Missing extends keyof Data & string>(
    ...missing: readonly Missing[]
  ): (known: Omit<Data, Missing>) => EventDraft<Missing>
}

/**
 * Defines one event type. The stored string is the type name and is never renamed; a changed schema is a
 * new version with an upcaster in upcasters.ts. The constructor parses, so that a malformed event is a
 * bug found by the writer and never by a reader.
 */
export function defineEvent<Type extends string, Shape extends z.ZodRawShape>(
  type: Type,
  shape: Shape,
  version = 1,
): EventDefinition<Type, z.infer<z.ZodObject<Shape>>> {
  type Data = z.infer<z.ZodObject<Shape>>
  const schema = z.strictObject(shape) as unknown as z.ZodType<Data>
  const create = (data: Data) => ({
    type,
    schemaVersion: version,
    data: schema.parse(storable(data)),
  })
  const without = <Missing extends keyof Data & string>(...missing: readonly Missing[]) => {
    const left = Object.entries(shape).filter(([name]) => !missing.some((one) => one === name))
    const rest = z.strictObject(Object.fromEntries(left))
    return (known: Omit<Data, Missing>): EventDraft<Missing> => ({
      type,
      schemaVersion: version,
      known: rest.parse(storable(known)) as EventDraft<Missing>['known'],
    })
  }
  return Object.assign(create, { type, version, schema, without })
}

/** The event that a definition makes. */
export type EventOf<Definition> =
  Definition extends EventDefinition<infer Type, infer Data> ? NewEvent<Type, Data> : never

/** ISO 8601 in UTC; every time in an event is one. */
export const instant = () => z.iso.datetime()

/** A body in contents, by hash; events never carry bodies. */
export const contentRef = () =>
  z.strictObject({
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    size: z.number().int().min(0),
    media_type: z.string().min(1).max(255),
  })

export type ContentRef = z.infer<ReturnType<typeof contentRef>>
