import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { Refusal } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Database } from './database.ts'
import { translateDatabaseError } from './database-error.ts'
import { isErrorCode } from './error-code.ts'
import {
  type MigrationFile,
  migrationsFolder,
  readMigrations,
  sqlDown,
  sqlUp,
} from './migration-files.ts'
import { recordTables, stampOf } from './migration-script.ts'
import { runUnits } from './run-units.ts'
import { installScript, readSqlTree, type SqlTree } from './sql-tree.ts'

export interface MigrateOptions {
  log?: Log
  /** The folder of SQL files; ours unless a test says otherwise. */
  folder?: string
  /** What is installed after them: ours, another tree, or null for none. */
  tree?: SqlTree | null
}

export interface Migrated {
  /** Names of migrations. */
  applied: string[]
  /** Whether functions, views and rights were installed anew. */
  installed: boolean
}

const oldestServer = 15
const deadlineMs = 60_000

/**
 * Brings the schema up to date: all pending migrations and the functions, views and rights of `src/store/sql`,
 * or nothing. Any number of processes may call it at once: one works, the others wait and find nothing to do.
 * A database that a newer Nova has migrated is left as it is. Throws Refusal DATABASE_TOO_OLD,
 * DATABASE_BEFORE_BASELINE, DATABASE_NOT_MIGRATED or DATABASE_UNAVAILABLE.
 */
export function migrate(
  database: Pick<Database, 'owner'>,
  { log, ...options }: MigrateOptions = {},
): Promise<Migrated> {
  return translated(async () => {
    await assertRecentServer(database.owner)
    const target = await readTarget(options)
    const before = await workToDo(database.owner, target)
    if (before.pending.length === 0 && !before.installs) return { applied: [], installed: false }
    let done: Migrated = { applied: [], installed: false }
    await untilFree(() =>
      runUnits(database.owner, 'up', target.folder, async () => {
        const { pending, installs } = await workToDo(database.owner, target)
        done = { applied: pending.map(({ name }) => name), installed: installs }
        return {
          units: pending.map((file) => ({ path: file.path, sql: sqlUp(file) })),
          afterwards: installs && target.tree ? installScript(target.tree) : '',
        }
      }),
    )
    for (const name of done.applied) log?.debug({ migration: name }, 'migration applied')
    if (done.installed) log?.debug({ revision: target.tree?.revision }, 'SQL installed')
    return done
  })
}

/** What `migrate` would do now. Throws as it does, also for an edited file. */
export function pendingWork(
  database: Pick<Database, 'owner'>,
  options?: Omit<MigrateOptions, 'log'>,
): Promise<Migrated> {
  return translated(async () => {
    const target = options ? await readTarget(options) : await ourTarget()
    const { pending, installs } = await workToDo(database.owner, target)
    return { applied: pending.map(({ name }) => name), installed: installs }
  })
}

/**
 * Takes back the last `count` migrations, newest first, with everything that their tables held. The server
 * that starts next installs its own SQL. Throws Refusal as `migrate` does, also where a migration was applied
 * by a newer Nova, whose file is not here.
 */
export function migrateDown(
  database: Pick<Database, 'owner'>,
  count: number,
  folder = migrationsFolder,
): Promise<string[]> {
  return translated(async () => {
    const files = await readMigrations(folder)
    let leaving: string[] = []
    await untilFree(() =>
      runUnits(database.owner, 'down', folder, async () => {
        const names = [...(await appliedMigrations(database.owner)).keys()]
        leaving = names.toSorted().toReversed().slice(0, count)
        const units = leaving.map((name) => {
          const file = files.find((known) => known.name === name)
          if (!file) throw notMigrated(`${name} was applied by a newer Nova; use that one`)
          return { path: file.path, sql: sqlDown(file) }
        })
        return { units: units.toReversed(), afterwards: '' }
      }),
    )
    return leaving
  })
}

/**
 * Records all migrations as applied without running them, for a database whose tables came another way, such
 * as from a dump; then installs the SQL. Throws Refusal as `migrate` does.
 */
export function stampMigrations(database: Pick<Database, 'owner'>): Promise<Migrated> {
  return translated(async () => {
    const { files, tree } = await readTarget({})
    const stamps = files.map(stampOf).join('\n')
    const install = tree ? installScript(tree) : ''
    await untilFree(() =>
      runUnits(database.owner, 'up', migrationsFolder, async () => ({
        units: [],
        afterwards: `${recordTables}\n${stamps}\n${install}`,
      })),
    )
    return { applied: files.map(({ name }) => name), installed: true }
  })
}

export interface MigrationStatus {
  name: string
  /** `unknown`: a newer Nova applied it. `edited`: the file is not the one that was applied. */
  state: 'applied' | 'pending' | 'edited' | 'unknown'
}

/** Every migration, here or in the database, in its order. Throws Refusal as `migrate` does. */
export function migrationStatus(
  database: Pick<Database, 'owner'>,
  folder = migrationsFolder,
): Promise<MigrationStatus[]> {
  return translated(async () => {
    const files = new Map((await readMigrations(folder)).map(({ name, sha256 }) => [name, sha256]))
    const applied = await appliedMigrations(database.owner)
    return [...new Set([...files.keys(), ...applied.keys()])].toSorted().map((name) => {
      if (!applied.has(name)) return { name, state: 'pending' }
      if (!files.has(name)) return { name, state: 'unknown' }
      return { name, state: applied.get(name) === files.get(name) ? 'applied' : 'edited' }
    })
  })
}

interface Target {
  folder: string
  files: MigrationFile[]
  tree: SqlTree | null
}

async function readTarget({ folder = migrationsFolder, tree }: MigrateOptions): Promise<Target> {
  const files = await readMigrations(folder)
  return { folder, files, tree: tree === undefined ? await readSqlTree() : tree }
}

let ours: Promise<Target> | undefined
/** Our own files, read once: whoever asks how the service is would read all of them otherwise. */
function ourTarget(): Promise<Target> {
  ours ??= readTarget({}).catch((error: unknown) => {
    ours = undefined
    throw error
  })
  return ours
}

async function workToDo(pool: pg.Pool, { files, tree }: Target) {
  const [applied, installed] = await Promise.all([appliedMigrations(pool), installedTree(pool)])
  if ([...applied.keys()].some((name) => /^\d{4}-/.test(name))) {
    throw new Refusal('DATABASE_BEFORE_BASELINE')
  }
  const edited = files.find((file) => (applied.get(file.name) ?? file.sha256) !== file.sha256)
  if (edited) throw notMigrated(`${edited.name}.sql was edited after it had been applied`)
  const pending = files.filter(({ name }) => !applied.has(name))
  const newest = [...applied.keys()].toSorted().at(-1) ?? ''
  const late = pending.find(({ name }) => name < newest)
  if (late)
    throw notMigrated(`${late.name}.sql was put in before ${newest}, which is applied already`)
  // A migration can take rights and views away with a table, so the tree follows every one of them.
  const installs =
    tree !== null &&
    (pending.length > 0 ||
      installed === undefined ||
      (installed.sha256 !== tree.sha256 && installed.revision <= tree.revision))
  return { pending, installs }
}

/** Checksums of applied migrations by name; those of a newer Nova are among them. */
async function appliedMigrations(pool: pg.Pool): Promise<Map<string, string>> {
  const rows = await rowsOfMeta<{ name: string; sha256: string }>(
    pool,
    'select name, sha256 from nova_meta.migration_checksums',
  )
  return new Map(rows.map(({ name, sha256 }) => [name, sha256]))
}

async function installedTree(pool: pg.Pool): Promise<Omit<SqlTree, 'files'> | undefined> {
  const rows = await rowsOfMeta<Omit<SqlTree, 'files'>>(
    pool,
    'select revision, sha256 from nova_meta.sql_tree',
  )
  return rows[0]
}

async function rowsOfMeta<Row extends object>(pool: pg.Pool, text: string): Promise<Row[]> {
  try {
    return (await pool.query<Row>(text)).rows
  } catch (error) {
    // 42P01, 3F000: no table, no schema. Nothing was applied yet.
    if (isErrorCode(error, '42P01', '3F000')) return []
    throw error
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

/** Tries until other processes and sessions leave room, or the deadline is over. */
async function untilFree(attempt: () => Promise<string | undefined>): Promise<void> {
  const deadline = Date.now() + deadlineMs
  for (;;) {
    const busy = await attempt()
    if (!busy) return
    if (Date.now() > deadline) throw notMigrated(busy)
    await delay(100 + Math.random() * 200)
  }
}

async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const known = translateDatabaseError(error)
    if (known instanceof Refusal) throw known
    const message = error instanceof Error ? error.message : String(error)
    const [sentence = ''] = message.split('\n')
    throw notMigrated(sentence.slice(0, 300), error)
  }
}

const notMigrated = (problem: string, cause?: unknown) =>
  new Refusal('DATABASE_NOT_MIGRATED', { problem }, { cause })
