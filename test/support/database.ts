import { createHash } from 'node:crypto'
import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import packageJson from '../../package.json' with { type: 'json' }
import { type Database, openDatabase } from '../../src/store/database/database.ts'
import { migrate } from '../../src/store/database/migrate.ts'
import { migrationsFolder, readMigrations } from '../../src/store/database/migration-files.ts'
import { readSqlTree } from '../../src/store/database/sql-tree.ts'
import { startEmbeddedPostgres } from '../../src/store/embedded/embedded-postgres.ts'

/** A database of its own, migrated, with the schema of pg-boss; dropped when disposed of. */
export interface TestDatabase extends AsyncDisposable {
  database: Database
  /** For child processes: a DATABASE_URL. */
  url: string
}

/** Connections one test may hold. The server has 200 for all that run at once. */
const poolSize = 12

interface TestServer {
  urlOf: (name: string) => string
  template: string
  stop: () => Promise<void>
}

let server: Promise<TestServer> | undefined
let made = 0

/** Starts the server and builds the template, before the processes that would wait for each other. */
export async function prepareTestServer(): Promise<void> {
  await theServer()
}

/** Gives back this process's share in the server. */
export async function stopTestServer(): Promise<void> {
  await (await server)?.stop()
  server = undefined
}

function theServer(): Promise<TestServer> {
  server ??= prepareServer()
  return server
}

/** Clones a migrated database in some 30 ms, from a server that all test processes share. */
export async function freshDatabase(): Promise<TestDatabase> {
  const { urlOf, template } = await theServer()
  const name = `nova_test_${process.pid}_${made++}`
  await asAdmin(urlOf, async (admin) => {
    await admin.query(`create database ${name} template ${template} strategy file_copy`)
  })
  return testDatabase(urlOf, name)
}

/** A database without any schema, for tests of what comes before it. */
export async function emptyDatabase(): Promise<TestDatabase> {
  const { urlOf } = await theServer()
  const name = `nova_test_${process.pid}_${made++}`
  await asAdmin(urlOf, async (admin) => {
    await admin.query(`create database ${name}`)
  })
  return testDatabase(urlOf, name)
}

/** Settings that open the database behind a URL. */
export const settingsFor = (url: string) => ({
  DATABASE_URL: url,
  DB_NAME: 'nova',
  NOVA_CLOUD_SQL_IP: 'PUBLIC' as const,
  NOVA_DB_POOL: poolSize,
  NOVA_DATA_DIR: '/nonexistent',
})

async function testDatabase(urlOf: (name: string) => string, name: string): Promise<TestDatabase> {
  const url = urlOf(name)
  const database = await openDatabase(settingsFor(url))
  return {
    database,
    url,
    async [Symbol.asyncDispose]() {
      await database.close()
      if (await isRoomy()) return
      await asAdmin(urlOf, async (admin) => {
        await admin.query(`drop database if exists ${name} with (force)`)
      })
    },
  }
}

/**
 * Whether databases may stay until the run has ended: a suite leaves some 8 GB. Dropping one removes 480 files, and
 * ext4 passes over each number of a removed file for minutes whenever it makes another: creating and dropping in
 * turn costs 400 ms of a core, creating alone 30.
 */
async function isRoomy(): Promise<boolean> {
  if (process.env.NOVA_TEST_DATABASE_URL) return false
  const { bavail, bsize } = await statfs(tmpdir())
  return bavail * bsize > 20 * 1024 ** 3
}

/** The server of this test run: the first process starts it, the last one's end stops it. */
async function prepareServer(): Promise<TestServer> {
  const own = process.env.NOVA_TEST_DATABASE_URL
  const { urlOf, stop } = own
    ? { urlOf: urlsOn(own), stop: async () => {} }
    : await startSharedServer()
  const migrations = await readMigrations(migrationsFolder)
  const tree = await readSqlTree()
  const content = [
    packageJson.dependencies['pg-boss'],
    tree.sha256,
    ...migrations.map(({ sha256 }) => sha256),
  ]
  const template = `nova_template_${shortHash(content.join())}`
  await asAdmin(urlOf, async (admin) => {
    // One process builds the template; the others find it ready.
    await admin.query(`select pg_advisory_lock(hashtext('nova test template'))`)
    await sweep(admin, template)
    const found = await admin.query('select from pg_database where datname = $1', [template])
    if (found.rowCount === 0) await buildTemplate(admin, urlOf, template)
  })
  return { urlOf, template, stop }
}

async function startSharedServer() {
  const repository = fileURLToPath(new URL('../..', import.meta.url))
  const { config, stop } = await startEmbeddedPostgres({
    dataDir: join(tmpdir(), `nova-test-${process.getuid?.()}-${shortHash(repository)}`),
    // Nothing here outlives the run, so nothing needs to reach the disk.
    settings: { fsync: 'off', full_page_writes: 'off', max_connections: '200', autovacuum: 'off' },
  })
  // Test files never give their share back: it ends with the process.
  const { user, host, port } = config
  return { urlOf: urlsOn(`postgres://${user}@${encodeURIComponent(host)}:${port}/postgres`), stop }
}

function urlsOn(server: string) {
  return (name: string) => {
    const url = new URL(server)
    url.pathname = `/${name}`
    return url.href
  }
}

/** Drops what killed test processes left, and templates of other migrations that nobody clones now. */
async function sweep(admin: pg.Client, template: string): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    `select datname as name from pg_database where datname ~ '^nova_(test|template)_'`,
  )
  for (const { name } of rows) {
    const [, kind, pid] = name.split('_')
    const isStale = kind === 'test' ? !isRunning(Number(pid)) : name !== template
    // It may be in use after all, by a run on other migrations.
    if (isStale) await admin.query(`drop database if exists ${name}`).catch(() => {})
  }
}

async function buildTemplate(
  admin: pg.Client,
  urlOf: (name: string) => string,
  template: string,
): Promise<void> {
  const draft = `${template}_draft`
  await admin.query(`drop database if exists ${draft} with (force)`)
  await admin.query(`create database ${draft}`)
  const database = await openDatabase(settingsFor(urlOf(draft)))
  try {
    await migrate(database)
    const boss = new PgBoss({ ...database.connection(), schema: 'pgboss', supervise: false })
    await boss.start()
    await boss.stop()
  } finally {
    await database.close()
  }
  await admin.query(`alter database ${draft} rename to ${template}`)
}

async function asAdmin(urlOf: (name: string) => string, work: (admin: pg.Client) => Promise<void>) {
  const admin = new pg.Client({ connectionString: urlOf('postgres') })
  admin.on('error', () => {})
  try {
    await admin.connect()
    await work(admin)
  } finally {
    await admin.end()
  }
}

const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
