import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { Refusal } from '../errors.ts'
import type { Database } from './database.ts'
import { translateDatabaseError } from './database-error.ts'
import { isErrorCode } from './error-code.ts'
import { type MigrationFile, readMigrations, sqlWithChecksum } from './migration-files.ts'
import type { StoreLog } from './store-log.ts'

export interface MigrateOptions {
  log?: StoreLog
  /** The folder of numbered SQL files; ours unless a test says otherwise. */
  folder?: string
}

/** The migrations that come with this source tree, wherever it is started from. */
export const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url))

// Its own schema, since the first migration creates `nova` and the last Down removes it.
const schema = 'nova_meta'
const table = 'migrations'
const oldestServer = 15
const deadlineMs = 60_000

/**
 * Brings the schema up to date, all pending migrations or none. Any number of processes may call it at
 * once: one works, the others wait and find nothing to do. Throws Refusal DATABASE_TOO_OLD,
 * DATABASE_NOT_MIGRATED or DATABASE_UNAVAILABLE.
 */
export async function migrate(
  database: Pick<Database, 'owner'>,
  { log, folder = migrationsFolder }: MigrateOptions = {},
): Promise<{ applied: string[] }> {
  try {
    await assertRecentServer(database.owner)
    const files = await readMigrations(folder)
    const deadline = Date.now() + deadlineMs
    for (;;) {
      if (pendingAmong(files, await appliedMigrations(database.owner)).length === 0) {
        return { applied: [] }
      }
      const { applied, busy } = await tryMigrations(database.owner, folder, files)
      if (!busy) {
        for (const name of applied) log?.debug(`migration ${name} applied`)
        return { applied }
      }
      if (Date.now() > deadline) throw notMigrated(busy)
      await delay(100 + Math.random() * 200)
    }
  } catch (error) {
    throw translateMigrationError(error)
  }
}

/** The names of migrations not applied yet. Throws as `migrate` does, also for an edited file. */
export async function pendingMigrations(
  database: Pick<Database, 'owner'>,
  folder = migrationsFolder,
): Promise<string[]> {
  try {
    const files = await readMigrations(folder)
    return pendingAmong(files, await appliedMigrations(database.owner)).map(({ name }) => name)
  } catch (error) {
    throw translateMigrationError(error)
  }
}

async function assertRecentServer(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ version: string; number: number }>(
    `select current_setting('server_version') as version,
            current_setting('server_version_num')::int as number`,
  )
  const [server] = rows
  if (server && Math.floor(server.number / 10_000) < oldestServer) {
    throw new Refusal('DATABASE_TOO_OLD', { version: server.version })
  }
}

/** Checksums of applied migrations by name; those of a newer Nova are among them. */
async function appliedMigrations(pool: pg.Pool): Promise<Map<string, string>> {
  try {
    const { rows } = await pool.query<{ name: string; sha256: string }>(
      `select name, sha256 from ${schema}.migration_checksums`,
    )
    return new Map(rows.map(({ name, sha256 }) => [name, sha256]))
  } catch (error) {
    // 42P01, 3F000: no table, no schema. Nothing was applied yet.
    if (isErrorCode(error, '42P01', '3F000')) return new Map()
    throw error
  }
}

function pendingAmong(files: MigrationFile[], applied: Map<string, string>): MigrationFile[] {
  const edited = files.find((file) => (applied.get(file.name) ?? file.sha256) !== file.sha256)
  if (edited) throw notMigrated(`${edited.name}.sql was edited after it had been applied`)
  return files.filter(({ name }) => !applied.has(name))
}

/** The names applied, or what kept it busy; then nothing was changed. */
async function tryMigrations(
  pool: pg.Pool,
  folder: string,
  files: MigrationFile[],
): Promise<{ applied: string[]; busy?: string | undefined }> {
  // Loaded on demand: an up-to-date database, the usual case, needs none of it.
  const { runner } = await import('node-pg-migrate')
  const client = await pool.connect()
  try {
    // A migration must not queue for a lock in front of everyone else's reads for longer.
    await client.query(`set lock_timeout = '5s'`)
    const done = await runner({
      dbClient: client,
      dir: folder,
      direction: 'up',
      migrationsTable: table,
      migrationsSchema: schema,
      createMigrationsSchema: true,
      migrationLoaderStrategies: [{ extensions: ['.sql'], loader: async () => units(files) }],
      // Waiting in the database would deadlock with a migration that waits for all transactions.
      advisoryLockMode: 'fail',
      singleTransaction: true,
      logger: silent,
    })
    return { applied: done.map(({ name }) => name) }
  } catch (error) {
    const busy = whatIsBusy(error)
    if (!busy) throw error
    return { applied: [], busy }
  } finally {
    // The lock and the settings live in the session, so it must end.
    client.release(true)
  }
}

const units = (files: MigrationFile[]) =>
  files.map((file) => ({
    id: file.path,
    filePaths: [file.path],
    actions: {
      up: (builder: { sql(text: string): void }) => builder.sql(sqlWithChecksum(file, schema)),
    },
  }))

// The library logs every statement at will; what matters comes as its result or its error.
const silent = { info() {}, warn() {}, error() {} }

/** Why the same migration may succeed a moment later, if so. */
function whatIsBusy(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (/migration is already running/.test(error.message)) {
    return 'another process is still migrating it'
  }
  if (isErrorCode(error, '55P03', '40P01')) return 'other sessions keep its tables locked'
  // Databases of one server share its roles, and another of them creates the same ones.
  const sharesRoles = isErrorCode(error, '23505') && error.message.includes('"pg_')
  const isShared = sharesRoles || /tuple concurrently updated/.test(error.message)
  return isShared ? 'another database of this server keeps changing the roles' : undefined
}

function translateMigrationError(error: unknown): unknown {
  const translated = translateDatabaseError(error)
  if (translated instanceof Refusal) return translated
  const message = error instanceof Error ? error.message : String(error)
  const [sentence = ''] = message.split('\n')
  return notMigrated(sentence.slice(0, 300), error)
}

const notMigrated = (problem: string, cause?: unknown) =>
  new Refusal('DATABASE_NOT_MIGRATED', { problem }, { cause })
