import type { EventMetadata, NewEvent, StoredEvent } from '../../events/define-event.ts'

/** Names a stream. Every stream belongs to one user; the database refuses the others. */
export interface StreamRef {
  userId: string
  streamId: string
}

/** Events for one stream. */
export interface Append {
  readonly streamId: string
  readonly events: readonly NewEvent[]
  /** The version the decision was made on (0 = the stream does not exist yet), or any. */
  readonly expectedVersion: number | 'any'
}

export interface Appended {
  /** The stream's version after the append. */
  version: number
  /** Global position of the last event appended. */
  position: number
  /** True when the same was appended before under the key: nothing was added. */
  repeated: boolean
}

/** The function `nova.guard_<name>` of the database, which may refuse an append by what it finds there. */
export interface Guard {
  readonly name: string
  readonly args: Readonly<Record<string, string | number>>
  /** It refuses what it let pass once: an append whose answer was lost can be sent again. */
  readonly once?: true
}

export interface AppendOptions {
  readonly metadata: EventMetadata
  /** A retry with the same key and appends answers as the first did and adds nothing. */
  readonly key?: string
  /** Asked first, in the same transaction. */
  readonly guard?: Guard | undefined
}

/** What each append of a list was answered. */
export type AppendedEach<Appends extends readonly Append[]> = {
  -readonly [Each in keyof Appends]: Appended
}

/** Keeps events. The only way in is `append`; nothing is ever changed or removed. */
export interface EventStore {
  /**
   * Appends to streams of one user, each named once: all or none, in one statement. Throws
   * ConcurrencyConflict when a stream has moved on, Refusal IDEMPOTENCY_KEY_REUSED when the key belongs to
   * other events, and what the guard refuses with.
   */
  append<const Appends extends readonly Append[]>(
    userId: string,
    appends: Appends,
    options: AppendOptions,
  ): Promise<AppendedEach<Appends>>
  /**
   * A stream's events after a version (default: all), oldest first. Unknown stream: none. Throws Refusal
   * HISTORY_ARCHIVED when some of them are in archive files.
   */
  read(stream: StreamRef, afterVersion?: number): Promise<StoredEvent[]>
  /** Events of all users after a position that no later commit can slip before, oldest first. */
  readAll(
    afterPosition: number,
    limit: number,
  ): Promise<{ events: StoredEvent[]; position: number }>
  /** Resolves once the stream has passed the version, or when the time is over. */
  waitForChange(
    stream: StreamRef,
    afterVersion: number,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<void>
}

/** Another append won. Handlers read again and decide again; it reaches no caller. */
export class ConcurrencyConflict extends Error {
  constructor(streamId: string) {
    super(`stream ${streamId} is not at the version that was decided on`)
    this.name = 'ConcurrencyConflict'
  }
}
