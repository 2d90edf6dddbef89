import type pg from 'pg'
import { Refusal } from '../../errors.ts'
import type { StoredEvent } from '../../events/define-event.ts'
import { eventRegistry } from '../../events/registry.ts'
import { upcast } from '../../events/upcasters.ts'
import { observe } from '../../observed.ts'
import { AnswerLost, translateDatabaseError } from '../database/database-error.ts'
import { isErrorCode } from '../database/error-code.ts'
import { resolveLostAnswer } from '../database/lost-answer.ts'
import { asTenant } from '../database/tenant.ts'
import { AppendGroups } from './append-groups.ts'
import { type PreparedAppends, prepareAppends, readAnswer } from './append-query.ts'
import {
  type Append,
  type Appended,
  type AppendedEach,
  type AppendOptions,
  ConcurrencyConflict,
  type EventStore,
  type StreamRef,
} from './event-store.ts'
import { readStream } from './read-stream.ts'
import type { StreamSignal } from './stream-signal.ts'

interface EventRow {
  global_position: number
  user_id: string
  stream_id: string
  stream_version: number
  event_id: string
  type: string
  schema_version: number
  data: unknown
  metadata: StoredEvent['metadata']
  recorded_at: Date
}

const columns = `global_position, user_id, stream_id, stream_version, event_id, type, schema_version,
  data, metadata, recorded_at`

/** The event store on PostgreSQL; `app` connects as nova_app, `reader` as nova_projector. */
export class PostgresEventStore implements EventStore {
  readonly #app: pg.Pool
  readonly #reader: pg.Pool
  readonly #signal: StreamSignal
  readonly #groups: AppendGroups

  /** `groups`: what its appends go together with. */
  constructor(
    pools: { app: pg.Pool; projector: pg.Pool },
    signal: StreamSignal,
    groups = new AppendGroups(pools.app),
  ) {
    this.#app = pools.app
    this.#reader = pools.projector
    this.#signal = signal
    this.#groups = groups
  }

  async append<const Appends extends readonly Append[]>(
    userId: string,
    appends: Appends,
    options: AppendOptions,
  ): Promise<AppendedEach<Appends>> {
    refuseMistakes(appends)
    const prepared = prepareAppends(userId, appends, options)
    const began = performance.now()
    const say = (outcome: 'appended' | 'conflict' | 'failed') => {
      const events = appends.reduce((sum, append) => sum + append.events.length, 0)
      observe('append', { events, outcome, ms: performance.now() - began })
    }
    try {
      const answers = await this.#appendKnowingly(userId, prepared, options)
      say('appended')
      for (const { streamId } of appends) this.#signal.changed({ userId, streamId })
      const sent = prepared.sent.map(({ append }) => append)
      const inOrder = appends.map((append) => answers[sent.indexOf(append)])
      return inOrder as AppendedEach<Appends>
    } catch (error) {
      const { code, detail } = error as { code?: string; detail?: string }
      say(code === 'NV001' ? 'conflict' : 'failed')
      if (code === 'NV001') throw new ConcurrencyConflict(String(detail))
      if (code === 'NV002') throw new Refusal('IDEMPOTENCY_KEY_REUSED')
      throw translateDatabaseError(error)
    }
  }

  /**
   * An append whose answer was lost is sent again where that cannot do it twice. The first attempt may still
   * be running: of two at one version the store lets one through, and the ids of its events tell whose that
   * was; a key is known by itself, and some guards refuse what they let pass.
   */
  async #appendKnowingly(
    userId: string,
    { query, sent }: PreparedAppends,
    { key, guard }: AppendOptions,
  ): Promise<Appended[]> {
    try {
      return (await this.#groups.append(query)).map(readAnswer)
    } catch (error) {
      const isAtVersion = sent.some(({ append }) => append.expectedVersion !== 'any')
      const isOnce = isAtVersion || key !== undefined || guard?.once
      if (!(error instanceof AnswerLost) || !isOnce) throw error
      return resolveLostAnswer(error, async () => {
        try {
          return (await this.#groups.append(query)).map(readAnswer)
        } catch (refused) {
          if (!isErrorCode(refused, 'NV001', 'NV100')) throw refused
          return (await this.#appendedBefore(userId, sent)) ?? Promise.reject(refused)
        }
      })
    }
  }

  /** Found by the ids of their last events; undefined when they are not there. */
  async #appendedBefore(
    userId: string,
    sent: PreparedAppends['sent'],
  ): Promise<Appended[] | undefined> {
    const found: Appended[] = []
    for (const { append, lastEventId } of sent) {
      const { streamId, expectedVersion } = append
      const before = expectedVersion === 'any' ? 0 : expectedVersion
      const after = await readStream(this.#app, { userId, streamId }, before)
      const last = after.find(({ eventId }) => eventId === lastEventId)
      if (!last) return undefined
      const { streamVersion: version, globalPosition: position } = last
      found.push({ version, position, repeated: false })
    }
    return found
  }

  read(stream: StreamRef, afterVersion = 0): Promise<StoredEvent[]> {
    return readStream(this.#app, stream, afterVersion)
  }

  async readAll(
    afterPosition: number,
    limit: number,
  ): Promise<{ events: StoredEvent[]; position: number }> {
    try {
      // Two statements on purpose: the floor first, the events in a later snapshot.
      const safe = await this.#reader.query<{ safe: number }>('select nova.safe_position() as safe')
      const to = safe.rows[0]?.safe ?? afterPosition
      const { rows } = await this.#reader.query<EventRow>(
        `select ${columns} from nova.events
         where global_position > $1 and global_position <= $2 order by global_position limit $3`,
        [afterPosition, to, limit],
      )
      const last = rows.length === limit ? rows.at(-1)?.global_position : to
      return { events: rows.map(fromRow), position: Math.max(last ?? to, afterPosition) }
    } catch (error) {
      throw translateDatabaseError(error)
    }
  }

  async waitForChange(
    stream: StreamRef,
    afterVersion: number,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<void> {
    const deadline = Date.now() + options.timeoutMs
    while (!options.signal?.aborted) {
      // Listening begins before the look, so that a change between the two is not slept through.
      const change = this.#signal.next(stream, Math.min(pollMs, deadline - Date.now()))
      const rows = await asTenant<{ version: number }>(
        this.#app,
        stream.userId,
        'select version from nova.streams where user_id = $1 and stream_id = $2',
        [stream.userId, stream.streamId],
      )
      if ((rows[0]?.version ?? 0) > afterVersion || Date.now() >= deadline) {
        change.cancel()
        return
      }
      await change.done
    }
  }
}

function refuseMistakes(appends: readonly Append[]): void {
  if (appends.length === 0) throw new Error('nothing is to be appended')
  const streams = new Set(appends.map(({ streamId }) => streamId))
  if (streams.size < appends.length) throw new Error('one stream is appended to twice')
  for (const { events } of appends) {
    if (events.length === 0) throw new Error('an append needs at least one event')
    for (const { type } of events) {
      if (!eventRegistry.has(type)) throw new Error(`${type} is not in the registry`)
    }
  }
}

/** How long a change made by another process may go unnoticed. */
const pollMs = 250

function fromRow(row: EventRow): StoredEvent {
  return upcast({
    eventId: row.event_id,
    userId: row.user_id,
    streamId: row.stream_id,
    streamVersion: row.stream_version,
    globalPosition: row.global_position,
    type: row.type,
    schemaVersion: row.schema_version,
    data: row.data,
    metadata: row.metadata,
    recordedAt: row.recorded_at,
  })
}
