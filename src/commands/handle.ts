import { setTimeout } from 'node:timers/promises'
import { Refusal } from '../errors.ts'
import type { EventMetadata, NewEvent } from '../events/define-event.ts'
import type { ReadDocument } from '../sources/files/local-file.ts'
import type { ReadNotebook } from '../sources/files/notebook.ts'
import type { ReadGuidelineLinks } from '../sources/guideline/guideline-links.ts'
import type { Contents } from '../store/contents/contents.ts'
import {
  type Append,
  type Appended,
  ConcurrencyConflict,
  type EventStore,
  type Guard,
} from '../store/events/event-store.ts'

/** On whose behalf a command runs. The user comes from a verified token or link, never from an argument. */
export interface Caller {
  readonly userId: string
  readonly metadata: EventMetadata
}

/** What every command needs; clock and ids are passed so that decisions can be repeated. */
export interface CommandDeps {
  readonly store: EventStore
  readonly contents: Contents
  readonly now: () => Date
  readonly newId: () => string
  /** What the append of this command takes along to other streams, asked for anew for each attempt. */
  readonly beside?: () => Promise<readonly Append[]>
  /** Reads the tables in the outputs of notebooks too; without it they stay text. */
  readonly readNotebook?: ReadNotebook
  /** Reads PDF and Word documents; without it they are not taken. */
  readonly readDocument?: ReadDocument
  /** Finds a guideline's links away from the event loop; without it they are found on it. */
  readonly readLinks?: ReadGuidelineLinks
}

export interface Handled<State, Event> {
  /** Empty when the decision was that nothing has to happen. */
  events: Event[]
  /** The state after those events. */
  state: State
  version: number
  /** Null when nothing was appended. */
  appended: Appended | null
}

interface Decider<State, Event extends NewEvent> {
  streamId: string
  initial: State
  evolve: (state: State, event: Event) => State
  /** What evolve makes of many events, where that is cheaper than one at a time. */
  fold?: (state: State, events: readonly Event[]) => State
  /** `version` is the stream's before the decision. */
  decide: (state: State, version: number) => Event[]
  /** What may refuse these events where they are appended. */
  guard?: ((events: readonly Event[]) => Guard | undefined) | undefined
}

/** Losing this often in a row means that something is wrong with the load, not with the luck. */
const attempts = 12
const longestPauseMs = 250

/** Reads a stream, decides, appends; decides again when another append came between. */
export async function handle<State, Event extends NewEvent>(
  deps: Pick<CommandDeps, 'store' | 'beside'>,
  { userId, metadata }: Caller,
  decider: Decider<State, Event>,
): Promise<Handled<State, Event>> {
  const { streamId } = decider
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const { state, version } = await foldStream(deps.store, userId, decider)
    const events = decider.decide(state, version)
    if (events.length === 0) return { events, state, version, appended: null }
    try {
      const beside = (await deps.beside?.()) ?? []
      const [appended] = await deps.store.append(
        userId,
        [{ streamId, events, expectedVersion: version }, ...beside],
        { metadata, guard: decider.guard?.(events) },
      )
      return {
        events,
        state: foldEvents(decider, state, events),
        version: appended.version,
        appended,
      }
    } catch (error) {
      if (!(error instanceof ConcurrencyConflict)) throw error
    }
    await pauseAfter(attempt)
  }
  throw new Refusal('CONCURRENT_CHANGE')
}

/**
 * An article's items end at the same moment more often than not, and without a pause the same few lose
 * every time; chance and growing waits let each of them through.
 */
export const pauseAfter = (attempt: number): Promise<void> =>
  setTimeout(Math.random() * Math.min(longestPauseMs, 2 ** (attempt + 1)))

/** The state of a stream as of now. */
export async function foldStream<State, Event extends NewEvent>(
  store: EventStore,
  userId: string,
  decider: Pick<Decider<State, Event>, 'streamId' | 'initial' | 'evolve' | 'fold'>,
): Promise<{ state: State; version: number }> {
  const stored = await store.read({ userId, streamId: decider.streamId })
  const state = foldEvents(decider, decider.initial, stored as unknown as readonly Event[])
  return { state, version: stored.at(-1)?.streamVersion ?? 0 }
}

const foldEvents = <State, Event extends NewEvent>(
  { evolve, fold }: Pick<Decider<State, Event>, 'evolve' | 'fold'>,
  state: State,
  events: readonly Event[],
): State => (fold ? fold(state, events) : events.reduce(evolve, state))
