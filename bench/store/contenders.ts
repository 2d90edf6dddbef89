import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Database } from '../../src/store/database/database.ts'
import { createPool } from '../../src/store/database/database-pools.ts'
import { newEventId } from '../../src/store/events/event-id.ts'
import { PostgresEventStore } from '../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../src/store/events/stream-signal.ts'
import { appendTo } from '../../test/support/append-to.ts'
import { appendsPerStream, metadata, scraped } from './event.ts'
import type { Contender } from './measure.ts'
import type { BenchDatabase } from './server.ts'

/** An event store under measurement. */
export interface Subject extends AsyncDisposable {
  name: string
  /** Appends of `size` events each, every lane to streams of its own, at the version it expects. */
  append: (size: number) => Contender
  /** Reads of whole streams of 100 events; made on first use. */
  read?: () => Promise<Contender>
}

const lanes = 32
let run = 0

/** An append that a lane repeats: a new stream every `appendsPerStream` times. */
export function laneOfStreams(
  append: (streamId: string, version: number, lane: number) => Promise<unknown>,
): Contender['lane'] {
  return (lane) => {
    const prefix = `article-${run++}_${lane}`
    let n = 0
    return () => {
      const version = n % appendsPerStream
      return append(`${prefix}_${Math.floor(n++ / appendsPerStream)}`, version, lane)
    }
  }
}

/** (a) The limit: an INSERT into a table of the same columns with one index, prepared, nothing else. */
export async function bareInsert(made: BenchDatabase): Promise<Subject> {
  const pool = new pg.Pool({ ...made.endpoint, max: lanes })
  await pool.query(`create table events (
    position bigint generated always as identity primary key, stream_id text not null,
    version int not null, event_id text not null, type text not null, data jsonb not null,
    metadata jsonb not null, recorded_at timestamptz not null default now())`)
  const row = (n: number) => {
    const at = Array.from({ length: 6 }, (_, column) => `$${n * 6 + column + 1}`)
    return `(${at.join(', ')})`
  }
  return {
    name: 'bare INSERT',
    append: (size) => ({
      name: 'bare INSERT',
      size,
      lane: laneOfStreams((streamId, version) =>
        pool.query({
          name: `insert_${size}`,
          text: `insert into events (stream_id, version, event_id, type, data, metadata)
                 values ${Array.from({ length: size }, (_, n) => row(n)).join(', ')} returning position`,
          values: Array.from({ length: size }, (_, n) => [
            streamId,
            version * size + n + 1,
            newEventId(),
            scraped.type,
            JSON.stringify(scraped.data),
            JSON.stringify(metadata),
          ]).flat(),
        }),
      ),
    }),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

/** (b) Ours with everything on: key, hash chain, row-level security, partitions, expected version. */
export function nova(database: Database): Subject {
  return novaOver('nova', { app: database.app, projector: database.projector })
}

/** Ours as a role that row-level security does not bind, to see what it costs. */
export function novaUnbound(made: BenchDatabase): Subject {
  const pool = createPool(made.endpoint, { name: 'bench', max: lanes, timeouts: {} })
  const subject = novaOver('nova without row-level security', { app: pool, projector: pool })
  return { ...subject, [Symbol.asyncDispose]: () => pool.end() }
}

function novaOver(name: string, pools: { app: pg.Pool; projector: pg.Pool }): Subject {
  const store = new PostgresEventStore(pools, new StreamSignal())
  const userOf = (lane: number) => `user-${lane}`
  return {
    name,
    append: (size) => {
      const events = Array.from({ length: size }, () => scraped)
      return {
        name,
        size,
        lane: laneOfStreams((streamId, version, lane) =>
          appendTo(store, { userId: userOf(lane), streamId }, events, {
            expectedVersion: version * size,
            metadata,
            key: randomUUID(),
          }),
        ),
      }
    },
    async read() {
      const hundred = Array.from({ length: 100 }, () => scraped)
      // Streams of its own: two of ours share a database.
      const prefix = `article-read${run++}`
      for (let lane = 0; lane < lanes; lane++) {
        const stream = { userId: userOf(lane), streamId: `${prefix}_${lane}` }
        await appendTo(store, stream, hundred, { expectedVersion: 'any', metadata })
      }
      return {
        name,
        size: 100,
        lane: (lane) => () => store.read({ userId: userOf(lane), streamId: `${prefix}_${lane}` }),
      }
    },
    [Symbol.asyncDispose]: async () => {},
  }
}
