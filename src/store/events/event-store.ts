import type { EventMetadata, NewEvent, StoredEvent } from '../../events/define-event.ts'

/** Names a stream. Every stream belongs to one user; the database refuses the others. */
export interface StreamRef {
  userId: string
  streamId: string
}

export interface Appended {
  /** Of the stream, after the append. */
  version: number
  /** Global position of the last event appended. */
  position: number
  /** True when the same was appended before under the key, or the call had ended: nothing was added. */
  repeated: boolean
}

export interface AppendOptions {
  /** The version the decision was made on (0 = the stream does not exist yet), or any. */
  expectedVersion: number | 'any'
  metadata: EventMetadata
  /** A retry with the same key and events answers as the first did and adds nothing. */
  idempotencyKey?: string
  /** One of the events starts an operation: refused when so many of the user's run already; 0 = any number. */
  operationsMax?: number
  /** The events end this tool call: one that has ended adds nothing, as a retry with a key would. */
  settlesCall?: string
  /** Events of other streams of the user, appended together with these, all or none. */
  beside?: readonly Beside[]
}

/** One event of another stream, as an append takes it along. */
export interface Beside {
  streamId: string
  expectedVersion: number
  event: NewEvent
}

/** Keeps events. The only way in is `append`; nothing is ever changed or removed. */
export interface EventStore {
  /**
   * Appends all events or none, in one statement. Throws ConcurrencyConflict when a stream has moved on,
   * Refusal IDEMPOTENCY_KEY_REUSED when the key belongs to other events, OPERATIONS_TOO_MANY.
   */
  append(stream: StreamRef, events: readonly NewEvent[], options: AppendOptions): Promise<Appended>
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
  constructor(stream: StreamRef, expected: number) {
    super(`stream ${stream.streamId} is not at version ${expected}`)
    this.name = 'ConcurrencyConflict'
  }
}
