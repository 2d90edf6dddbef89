import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type pg from 'pg'
import { Refusal } from '../../../src/errors.ts'
import { openDatabase } from '../../../src/store/database/database.ts'
import { migrate, pendingWork } from '../../../src/store/database/migrate.ts'
import { migrationsFolder, readMigrations } from '../../../src/store/database/migration-files.ts'
import { startChild } from '../../support/child-process.ts'
import { emptyDatabase, settingsFor } from '../../support/database.ts'
import { serverAt } from '../../support/server-at.ts'
import { until } from '../../support/until.ts'

const program = new URL('../run-migrate.ts', import.meta.url)

/** A migration that waits for the test, which holds this lock. */
const gate = 4711
const gated = `select pg_advisory_xact_lock(${gate}); create table gated ()`

describe('migrate', () => {
  it('applies all of our migrations to an empty database, and then nothing', async () => {
    await using test = await emptyDatabase()
    const names = (await readMigrations(migrationsFolder)).map(({ name }) => name)
    const all = { applied: names, installed: true }
    const nothing = { applied: [], installed: false }
    assert.deepEqual(await pendingWork(test.database), all)
    assert.deepEqual(await migrate(test.database), all)
    assert.deepEqual(await migrate(test.database), nothing)
    assert.deepEqual(await pendingWork(test.database), nothing)
  })

  it('happens once when five processes start at once', async () => {
    await using test = await emptyDatabase()
    await using closed = await closeGate(test.database.owner)
    using folder = migrations({
      '20260101000001-a': 'create table a ()',
      '20260101000002-b': gated,
    })
    const children = Array.from({ length: 5 }, () => startChild(program, test.url, folder.path))
    await closed.reached()
    await closed.open()
    const done = await Promise.all(children.map((child) => child.answer<{ applied: string[] }>()))
    assert.deepEqual(
      done.map(({ applied }) => applied).filter((applied) => applied.length > 0),
      [['20260101000001-a', '20260101000002-b']],
    )
    assert.deepEqual(await tables(test.database.owner), ['a', 'gated'])
  })

  it('happens once when the process that does it is killed half way', async () => {
    await using test = await emptyDatabase()
    await using closed = await closeGate(test.database.owner)
    using folder = migrations({
      '20260101000001-a': 'create table a ()',
      '20260101000002-b': gated,
    })
    await using killed = startChild(program, test.url, folder.path)
    await closed.reached()
    const others = Array.from({ length: 4 }, () => startChild(program, test.url, folder.path))
    await killed.kill()
    await closed.open()
    const done = await Promise.all(others.map((child) => child.answer<{ applied: string[] }>()))
    assert.deepEqual(
      done.map(({ applied }) => applied).filter((applied) => applied.length > 0),
      [['20260101000001-a', '20260101000002-b']],
    )
    assert.deepEqual(await tables(test.database.owner), ['a', 'gated'])
  })

  it('changes nothing when one of several migrations fails, and says why', async () => {
    await using test = await emptyDatabase()
    using folder = migrations({
      '20260101000001-a': 'create table a ()',
      '20260101000002-b': 'create table b (id no_such_type)',
    })
    await assert.rejects(
      migrate(test.database, { folder: folder.path, tree: null }),
      isRefusal('DATABASE_NOT_MIGRATED', /type "no_such_type" does not exist/),
    )
    assert.deepEqual(await tables(test.database.owner), [])
    folder.write('20260101000002-b', 'create table b (id int)')
    assert.deepEqual(await migrate(test.database, { folder: folder.path, tree: null }), {
      applied: ['20260101000001-a', '20260101000002-b'],
      installed: false,
    })
  })

  it('refuses a file that was edited after it had been applied', async () => {
    await using test = await emptyDatabase()
    using folder = migrations({ '20260101000001-a': 'create table a ()' })
    await migrate(test.database, { folder: folder.path, tree: null })
    folder.write('20260101000001-a', 'create table a (id int)')
    folder.write('20260101000002-b', 'create table b ()')
    const refused = isRefusal('DATABASE_NOT_MIGRATED', /20260101000001-a\.sql was edited/)
    await assert.rejects(migrate(test.database, { folder: folder.path, tree: null }), refused)
    await assert.rejects(pendingWork(test.database, { folder: folder.path, tree: null }), refused)
    assert.deepEqual(await tables(test.database.owner), ['a'])
  })

  it('lets an older Nova run on the schema of a newer one', async () => {
    await using test = await emptyDatabase()
    using newer = migrations({
      '20260101000001-a': 'create table a ()',
      '20260101000002-b': 'create table b ()',
    })
    using older = migrations({ '20260101000001-a': 'create table a ()' })
    await migrate(test.database, { folder: newer.path, tree: null })
    assert.deepEqual(await migrate(test.database, { folder: older.path, tree: null }), {
      applied: [],
      installed: false,
    })
  })

  it('refuses a migration that was put in before ones applied already', async () => {
    await using test = await emptyDatabase()
    using folder = migrations({ '20260101000002-b': 'create table b ()' })
    await migrate(test.database, { folder: folder.path, tree: null })
    folder.write('20260101000001-a', 'create table a ()')
    await assert.rejects(
      migrate(test.database, { folder: folder.path, tree: null }),
      isRefusal('DATABASE_NOT_MIGRATED', /20260101000001-a/),
    )
  })

  it('refuses a file whose name gives it no place in the order', async () => {
    await using test = await emptyDatabase()
    using folder = migrations({ later: 'create table a ()' })
    await assert.rejects(
      migrate(test.database, { folder: folder.path, tree: null }),
      isRefusal('DATABASE_NOT_MIGRATED', /later\.sql is not named like/),
    )
  })

  it('refuses a server older than PostgreSQL 15', async () => {
    await using test = await emptyDatabase()
    const { rows } = await test.database.owner.query<{ setting: string }>(
      `select setting from pg_settings where name in ('server_version', 'server_version_num')`,
    )
    await using old = await disguise(
      test.url,
      rows.map(({ setting }) => setting),
    )
    const database = await openDatabase(settingsFor(old.url))
    await assert.rejects(migrate(database), isRefusal('DATABASE_TOO_OLD', /PostgreSQL 14\./))
    await database.close()
  })

  it('says that the database is unavailable when nothing listens', async () => {
    const database = await openDatabase(settingsFor('postgres://nova@127.0.0.1:1/nova'))
    await assert.rejects(migrate(database), isRefusal('DATABASE_UNAVAILABLE', /cannot be reached/))
    await database.close()
  })
})

function migrations(files: Record<string, string>) {
  const path = mkdtempSync(join(tmpdir(), 'nova-migrations-'))
  const write = (name: string, sql: string) =>
    writeFileSync(
      join(path, `${name}.sql`),
      `-- Up Migration\n${sql};\n\n-- Down Migration\nfail;\n`,
    )
  for (const [name, sql] of Object.entries(files)) write(name, sql)
  return {
    path,
    write,
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true })
    },
  }
}

/** Holds up the migration that passes the gate, until it is opened. */
async function closeGate(pool: pg.Pool) {
  const holder = await pool.connect()
  await holder.query('select pg_advisory_lock($1)', [gate])
  let isOpen = false
  const open = async () => {
    if (isOpen) return
    isOpen = true
    await holder.query('select pg_advisory_unlock($1)', [gate])
    holder.release()
  }
  return {
    async reached() {
      await until(async () => {
        const waiting = await holder.query(
          `select from pg_locks where locktype = 'advisory' and not granted and objid = $1`,
          [gate],
        )
        return waiting.rowCount === 1
      }, 'a migration to wait at the gate')
    },
    open,
    [Symbol.asyncDispose]: open,
  }
}

/** A way to the server on which its version, in all its forms, reads as some 14. */
async function disguise(databaseUrl: string, versions: string[]) {
  const { username, pathname } = new URL(databaseUrl)
  const proxy = createServer((client) => {
    const server = connect(serverAt(databaseUrl))
    server.on('data', (chunk) => {
      let text = chunk.toString('latin1')
      for (const version of versions) text = text.replaceAll(version, `14${version.slice(2)}`)
      client.write(text, 'latin1')
    })
    client.pipe(server)
    client.on('close', () => server.destroy())
    client.on('error', () => server.destroy())
    server.on('close', () => client.destroy())
  })
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening))
  const at = proxy.address()
  return {
    url: `postgres://${username}@127.0.0.1:${typeof at === 'object' ? at?.port : 0}${pathname}`,
    async [Symbol.asyncDispose]() {
      await new Promise((closed) => proxy.close(closed))
    },
  }
}

async function tables(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
  )
  return rows.map(({ name }) => name)
}

const isRefusal = (code: string, sentence: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && sentence.test(error.message)
