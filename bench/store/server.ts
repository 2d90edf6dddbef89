import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type Database, poolsOver } from '../../src/store/database/database.ts'
import type { Endpoint } from '../../src/store/database/database-pools.ts'
import { migrate } from '../../src/store/database/migrate.ts'
import { startEmbeddedPostgres } from '../../src/store/embedded/embedded-postgres.ts'

/** One embedded server for everything that is compared, with durable commits as it comes. */
export interface BenchServer extends AsyncDisposable {
  /** An empty database. */
  create(name: string): Promise<BenchDatabase>
  /** A database with Nova's schema, and its pools. */
  createNova(name: string, connections: number): Promise<BenchDatabase & { database: Database }>
}

export interface BenchDatabase extends AsyncDisposable {
  endpoint: Endpoint
  url: string
}

/** Starts it on a folder of its own, which is removed afterwards. */
export async function startBenchServer(): Promise<BenchServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'nova-bench-'))
  const server = await startEmbeddedPostgres({ dataDir, settings: { max_connections: '300' } })
  const { host, port, user } = server.config
  const urlOf = (name: string) => `postgresql://${user}@${encodeURIComponent(host)}:${port}/${name}`

  async function asAdmin(sql: string) {
    const admin = new pg.Client({ connectionString: urlOf('postgres') })
    await admin.connect()
    await admin.query(sql)
    await admin.end()
  }

  async function create(name: string): Promise<BenchDatabase> {
    await asAdmin(`create database ${name}`)
    return {
      endpoint: { host, port, user, database: name },
      url: urlOf(name),
      [Symbol.asyncDispose]: () => asAdmin(`drop database ${name} with (force)`),
    }
  }

  return {
    create,
    async createNova(name, connections) {
      const made = await create(name)
      const access = { kind: 'url' as const, describe: name, endpoint: made.endpoint }
      const database = poolsOver({ ...access, close: () => {} }, connections, {
        unhurried: true,
      })
      await migrate(database)
      return {
        ...made,
        database,
        async [Symbol.asyncDispose]() {
          await database.close()
          await made[Symbol.asyncDispose]()
        },
      }
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
