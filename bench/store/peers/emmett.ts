import { laneOfStreams, type Subject } from '../contenders.ts'
import { metadata, scraped } from '../event.ts'
import type { BenchDatabase } from '../server.ts'
import { importPeer } from './install.ts'

interface EmmettEvent {
  type: string
  data: unknown
  metadata: unknown
}

interface EmmettStore {
  schema: { migrate(): Promise<unknown> }
  appendToStream(
    name: string,
    events: EmmettEvent[],
    options: { expectedStreamVersion: bigint | string },
  ): Promise<unknown>
  readStream(name: string): Promise<unknown>
  close(): Promise<void>
}

interface Execute {
  command(sql: unknown): Promise<unknown>
}

interface EmmettPostgres {
  getPostgreSQLEventStore(url: string, options: object): EmmettStore
  postgreSQLProjection(definition: {
    name: string
    canHandle: string[]
    handle: (events: { type: string }[], context: { execute: Execute }) => Promise<void>
    init: (context: { context: { execute: Execute } }) => Promise<unknown>
    truncate: (context: { execute: Execute }) => Promise<unknown>
  }): object
  rebuildPostgreSQLProjections(options: object): { start(): Promise<void>; close(): Promise<void> }
}

interface Dumbo {
  SQL: (text: TemplateStringsArray, ...values: unknown[]) => unknown
}

const event: EmmettEvent = { type: scraped.type, data: scraped.data, metadata }

/** (c) Emmett's own store, with its own pool and its defaults. */
export async function emmett(made: BenchDatabase): Promise<Subject> {
  const { getPostgreSQLEventStore } = await importPeer<EmmettPostgres>(
    '@event-driven-io/emmett-postgresql',
  )
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({ ...made.endpoint, max: 32 })
  const store = getPostgreSQLEventStore(made.url, {
    schema: { autoMigration: 'None' },
    connectionOptions: { pool },
  })
  const installer = getPostgreSQLEventStore(made.url, {})
  await installer.schema.migrate()
  await installer.close()
  const name = 'Emmett'
  return {
    name,
    append: (size) => {
      const events = Array.from({ length: size }, () => event)
      return {
        name,
        size,
        lane: laneOfStreams((streamId, version) =>
          store.appendToStream(streamId, events, {
            expectedStreamVersion: version === 0 ? 'STREAM_DOES_NOT_EXIST' : BigInt(version * size),
          }),
        ),
      }
    },
    async read() {
      const hundred = Array.from({ length: 100 }, () => event)
      for (let lane = 0; lane < 32; lane++) {
        await store.appendToStream(`article-read_${lane}`, hundred, {
          expectedStreamVersion: 'STREAM_DOES_NOT_EXIST',
        })
      }
      return {
        name,
        size: 100,
        lane: (lane) => () => store.readStream(`article-read_${lane}`),
      }
    },
    async [Symbol.asyncDispose]() {
      await store.close()
      await pool.end()
    },
  }
}

/** Seconds that its rebuild takes to count the events of a store by type, one upsert per type and batch. */
export async function emmettRebuild(made: BenchDatabase, batchSize: number): Promise<number> {
  const emmettPostgres = await importPeer<EmmettPostgres>('@event-driven-io/emmett-postgresql')
  const { SQL } = await importPeer<Dumbo>('@event-driven-io/dumbo')
  const projection = emmettPostgres.postgreSQLProjection({
    name: 'counts',
    canHandle: [scraped.type],
    init: ({ context }) =>
      context.execute.command(
        SQL`create table if not exists counts (type text primary key, events bigint not null)`,
      ),
    truncate: ({ execute }) => execute.command(SQL`truncate counts`),
    async handle(events, { execute }) {
      const byType = Map.groupBy(events, ({ type }) => type)
      for (const [type, some] of byType) {
        await execute.command(
          SQL`insert into counts as c values (${type}, ${some.length})
              on conflict (type) do update set events = c.events + excluded.events`,
        )
      }
    },
  })
  const rebuild = emmettPostgres.rebuildPostgreSQLProjections({
    connectionString: made.url,
    pulling: { batchSize },
    projections: [projection],
  })
  const began = performance.now()
  await rebuild.start()
  const seconds = (performance.now() - began) / 1000
  await rebuild.close()
  return seconds
}
