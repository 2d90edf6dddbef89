import type { EventEmitter } from 'node:events'
import type pg from 'pg'
import type { Config } from '../../config.ts'
import { Refusal } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { archiveSettings } from '../backups/archive-settings.ts'
import { makeDataDir } from '../embedded/data-dir.ts'
import { startEmbeddedPostgres } from '../embedded/embedded-postgres.ts'
import { connectCloudSql } from './cloud-sql.ts'
import { type Lines, queueForConnections } from './connection-queue.ts'
import {
  type ConnectionSettings,
  connectionSettings,
  createPool,
  type Endpoint,
  type PoolShape,
} from './database-pools.ts'
import { settledWithin } from './settled-within.ts'

/** The database of one process: several pools, since each part acts as its own role. */
export interface Database {
  kind: 'embedded' | 'url' | 'cloud-sql'
  /** For people; holds no secret. */
  describe: string
  /** Owns the schema; for migrations and their checks. */
  owner: pg.Pool
  /** Acts as nova_app, under row-level security. Who asks waits for a connection while there is progress. */
  app: pg.Pool
  /** Acts as nova_projector, which reads all events and writes projections. */
  projector: pg.Pool
  /** How the connections of this process are used now. */
  pools(): PoolFigures[]
  /** When a write was refused last because the server's disk is full, as performance.now() gives it. */
  diskFullAt(): number | null
  /** For pg-boss, which keeps its own pool and schema: as the owner, with no role. */
  connection(): ConnectionSettings
  close(): Promise<void>
}

/** The connections of one pool. */
export interface PoolFigures {
  pool: string
  busy: number
  idle: number
  /** Who waits for one. */
  waiting: number
}

/** The settings that say which database. */
export type DatabaseSettings = Pick<
  Config,
  | 'DATABASE_URL'
  | 'CLOUD_SQL_INSTANCE'
  | 'DB_USER'
  | 'DB_PASS'
  | 'DB_NAME'
  | 'NOVA_CLOUD_SQL_IP'
  | 'NOVA_CLOUD_SQL_API'
  | 'NOVA_DB_POOL'
  | 'NOVA_DATA_DIR'
  | 'NOVA_BACKUP_DIR'
>

/** A way to a server, before any pool is made of it. */
export interface Access {
  kind: Database['kind']
  describe: string
  endpoint: Endpoint
  close: () => Promise<void> | void
}

export interface DatabaseOptions {
  log?: Log
  /** Lets the owner's statements take as long as they need, for commands that work on the whole database. */
  unhurried?: boolean
}

/**
 * A server's statements are answered by then, or their connection is given up as silent, so that work goes
 * on within a minute.
 */
const answerMs = 45_000
/** What may take long is given up by the server itself, before its connection is. */
const batchMs = 40_000
/** Connections that are still in use so long after everything has stopped are silent. */
const closeMs = 2000

/**
 * Opens the database the settings name: Cloud SQL, else DATABASE_URL, else the embedded one, which it
 * starts. Throws Refusal CONFIG_INVALID, DATA_DIR_UNUSABLE, BACKUP_FOLDER_UNUSABLE,
 * EMBEDDED_DATABASE_FAILED or DATABASE_UNAVAILABLE;
 * a server that is down shows at first use.
 */
export async function openDatabase(
  settings: DatabaseSettings,
  options: DatabaseOptions = {},
): Promise<Database> {
  return poolsOver(await reachServer(settings, options.log), settings.NOVA_DB_POOL, options)
}

/** The pools over one server; together they hold at most `connections` connections, and at least four. */
export function poolsOver(
  access: Access,
  connections: number,
  { log, unhurried = false }: DatabaseOptions = {},
): Database {
  const { endpoint } = access
  const shares = splitConnections(connections)
  const opened: Lines[] = []
  const layLines = (): Lines => {
    const lines = { sockets: new Map(), dialMs: 0 }
    opened.push(lines)
    return lines
  }
  const create = (shape: PoolShape, lines = layLines()) =>
    createPool(endpoint, shape, { lines, ...(log && { log }) })

  const owner = create({
    name: 'nova',
    max: shares.owner,
    timeouts: {},
    ...(!unhurried && { answerMs }),
  })
  const appLines = layLines()
  const app = create(
    {
      name: 'nova',
      max: shares.app,
      // The first requests after a pause find two, and do not wait for a dial.
      min: 2,
      role: 'nova_app',
      timeouts: {
        statement_timeout: 30_000,
        lock_timeout: 10_000,
        // A transaction left open holds back everyone who reads events in order.
        idle_in_transaction_session_timeout: 5000,
      },
    },
    appLines,
  )
  const projector = create({
    name: 'nova projector',
    max: shares.projector,
    role: 'nova_projector',
    // A worker that is frozen in the middle of a batch holds its projection no longer than this.
    timeouts: {
      statement_timeout: unhurried ? 120_000 : batchMs,
      idle_in_transaction_session_timeout: 10_000,
    },
  })
  let diskFullAt: number | null = null
  noteRefusals(app, '53100', () => {
    diskFullAt = performance.now()
  })
  return {
    pools: () => [
      figuresOf('owner', owner),
      figuresOf('app', app),
      figuresOf('projector', projector),
    ],
    diskFullAt: () => diskFullAt,
    kind: access.kind,
    describe: access.describe,
    owner,
    app: queueForConnections(app, appLines),
    projector,
    connection: () =>
      connectionSettings(
        endpoint,
        { name: jobConnectionsName, max: shares.jobs, answerMs },
        layLines(),
      ),
    async close() {
      const ended = Promise.all([owner.end(), app.end(), projector.end()])
      await settledWithin(ended, closeMs)
      // A server that is silent does not close them either, and they would keep the process alive.
      for (const { sockets } of opened) for (const socket of sockets.keys()) socket.destroy()
      await settledWithin(ended, closeMs)
      await access.close()
    },
  }
}

const figuresOf = (name: string, pool: pg.Pool): PoolFigures => ({
  pool: name,
  busy: pool.totalCount - pool.idleCount,
  idle: pool.idleCount,
  waiting: pool.waitingCount,
})

/** Calls `onRefusal` whenever the server answers a statement of the pool with this SQLSTATE. */
function noteRefusals(pool: pg.Pool, code: string, onRefusal: () => void): void {
  pool.on('connect', (client) => {
    // The client's own errors belong to statements; what the wire carried is counted here for all of them.
    const { connection } = client as unknown as { connection: EventEmitter }
    connection.on('errorMessage', (message: { code?: string }) => {
      if (message.code === code) onRefusal()
    })
  })
}

/** How connections of the job queue are named in pg_stat_activity. */
const jobConnectionsName = 'nova jobs'

function splitConnections(total: number) {
  const owner = total >= 8 ? 2 : 1
  const jobs = Math.max(1, Math.floor(total / 4))
  const projector = Math.max(1, Math.floor(total / 6))
  return { owner, jobs, projector, app: Math.max(1, total - owner - jobs - projector) }
}

async function reachServer(settings: DatabaseSettings, log?: Log): Promise<Access> {
  if (settings.CLOUD_SQL_INSTANCE) {
    const describe = `Cloud SQL ${settings.CLOUD_SQL_INSTANCE}, database ${settings.DB_NAME}`
    return { kind: 'cloud-sql', describe, ...(await connectCloudSql(settings)) }
  }
  if (settings.DATABASE_URL) return accessByUrl(settings.DATABASE_URL)
  makeDataDir(settings.NOVA_DATA_DIR)
  const backups = settings.NOVA_BACKUP_DIR
  const embedded = await startEmbeddedPostgres({
    dataDir: settings.NOVA_DATA_DIR,
    revive: true,
    // Several processes share the server, each with a pool of its own.
    settings: { max_connections: String(Math.max(100, settings.NOVA_DB_POOL * 3)) },
    ...(backups && { prepare: (place) => archiveSettings(backups, place) }),
    ...(log && { log }),
  })
  return {
    kind: 'embedded',
    describe: `embedded PostgreSQL in ${settings.NOVA_DATA_DIR} (${embedded.how})`,
    endpoint: embedded.config,
    close: embedded.stop,
  }
}

/** Session settings in the URL are kept, but cannot replace ours: the role is one of them. */
function accessByUrl(databaseUrl: string): Access {
  if (!URL.canParse(databaseUrl)) {
    throw new Refusal('CONFIG_INVALID', { problem: 'DATABASE_URL is not a URL' })
  }
  const url = new URL(databaseUrl)
  const options = url.searchParams.get('options')
  url.searchParams.delete('options')
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.host)
  return {
    kind: 'url',
    describe: `PostgreSQL at ${host || 'localhost'}${decodeURIComponent(url.pathname)}`,
    endpoint: { connectionString: url.href, ...(options && { options }) },
    close: () => {},
  }
}
