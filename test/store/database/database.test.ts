import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Refusal } from '../../../src/errors.ts'
import { checkRoles } from '../../../src/store/database/check-roles.ts'
import {
  type Database,
  type DatabaseOptions,
  openDatabase,
  poolsOver,
} from '../../../src/store/database/database.ts'
import { translateDatabaseError } from '../../../src/store/database/database-error.ts'
import { runningPostmaster } from '../../../src/store/embedded/embedded-postmaster.ts'
import { emptyDatabase, freshDatabase, settingsFor } from '../../support/database.ts'
import { ownCluster } from '../../support/own-cluster.ts'
import { until } from '../../support/until.ts'

describe('the database', () => {
  it('is reached as roles that row-level security binds', async () => {
    await using test = await freshDatabase()
    for (const [pool, role] of [
      [test.database.app, 'nova_app'],
      [test.database.projector, 'nova_projector'],
    ] as const) {
      const { rows } = await pool.query(
        `select current_user as role, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
                exists (select from pg_class
                        where relowner = (select oid from pg_roles where rolname = current_user)) as owns
           from pg_roles where rolname = current_user`,
      )
      assert.deepEqual(rows, [
        {
          role,
          rolsuper: false,
          rolbypassrls: false,
          rolcreaterole: false,
          rolcreatedb: false,
          owns: false,
        },
      ])
    }
    await checkRoles(test.database)
  })

  it('is refused when something in between drops the role', async () => {
    await using test = await freshDatabase()
    const { owner } = test.database
    await assert.rejects(checkRoles({ app: owner, projector: owner }), isRefusal('DATABASE_POOLED'))
  })

  it('keeps the role against options in its URL, and keeps those', async () => {
    await using test = await freshDatabase()
    const {
      rows: [owner],
    } = await test.database.owner.query('select current_user as name')
    const url = new URL(test.url)
    url.searchParams.set('options', `-c role=${owner.name} -c work_mem=3MB`)
    await using opened = await open(url.href)
    const { rows } = await opened.database.app.query(
      `select current_user as role, current_setting('work_mem') as work_mem`,
    )
    assert.deepEqual(rows, [{ role: 'nova_app', work_mem: '3MB' }])
  })

  it('is not migrated when it lacks the roles', () => {
    const error = Object.assign(new Error('invalid value for parameter "role": "nova_app"'), {
      code: '22023',
    })
    assert.ok(isRefusal('DATABASE_NOT_MIGRATED')(translateDatabaseError(error)))
  })

  it('bounds statements and open transactions of the service', async () => {
    await using test = await freshDatabase()
    const { rows } = await test.database.app.query(
      `select name, setting from pg_settings where name in
         ('statement_timeout', 'idle_in_transaction_session_timeout', 'lock_timeout') order by name`,
    )
    assert.deepEqual(rows, [
      { name: 'idle_in_transaction_session_timeout', setting: '5000' },
      { name: 'lock_timeout', setting: '10000' },
      { name: 'statement_timeout', setting: '30000' },
    ])
  })

  it('gives positions as numbers', async () => {
    await using test = await freshDatabase()
    const { rows } = await test.database.app.query('select 9007199254740991::int8 as position')
    assert.deepEqual(rows, [{ position: Number.MAX_SAFE_INTEGER }])
  })

  it('survives the end of connections, idle and in use', async () => {
    await using test = await freshDatabase()
    const { app, owner } = test.database
    await Promise.all([app.query('select 1'), app.query('select 1')])
    const used = await app.connect()
    await owner.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`,
    )
    await assert.rejects(used.query('select 1'), (error) =>
      isRefusal('DATABASE_UNAVAILABLE')(translateDatabaseError(error)),
    )
    used.release(true)
    // Its idle connections leave the pool as it hears of their end.
    await until(() => app.totalCount === 0, "the app's connections to close")
    assert.deepEqual((await app.query('select 1 as one')).rows, [{ one: 1 }])
  })

  it('refuses soon when all connections are in use, and serves again when they are free', async () => {
    await using test = await freshDatabase()
    const { app } = test.database
    const size = app.options.max
    const held = await Promise.all(Array.from({ length: size }, () => app.connect()))
    for (const refused of [app.connect(), app.query('select 1')]) {
      await assert.rejects(refused, (error) =>
        isRefusal('DATABASE_UNAVAILABLE')(translateDatabaseError(error)),
      )
    }
    const waiting = app.query('select 1 as one')
    for (const client of held) client.release()
    assert.deepEqual((await waiting).rows, [{ one: 1 }])
    await until(
      () => app.idleCount === size && app.waitingCount === 0,
      'every connection to be idle',
    )
  })

  it('is unavailable, by name and not by accident, when it cannot be reached', async () => {
    await using rude = await rudeServer()
    for (const url of [
      'postgres://nova@127.0.0.1:1/nova',
      `postgres://nova@${encodeURIComponent('/nonexistent')}/nova`,
      rude.url,
    ]) {
      await using opened = await open(url)
      await assert.rejects(opened.database.app.query('select 1'), (error) =>
        isRefusal('DATABASE_UNAVAILABLE')(translateDatabaseError(error)),
      )
    }
  })

  it('is available again after a crash of the server', async () => {
    await using cluster = await ownCluster({ fsync: 'off' })
    await using opened = await open(cluster.url())
    const { owner } = opened.database
    await owner.query('create table kept (n int)')
    await cluster.kill()
    await until(() => owner.totalCount === 0, "the owner's connections to close")
    await assert.rejects(owner.query('select 1'), (error) =>
      isRefusal('DATABASE_UNAVAILABLE')(translateDatabaseError(error)),
    )
    await cluster.start()
    assert.deepEqual((await owner.query('select n from kept')).rows, [])
  })

  it('is the embedded one when no setting names another, and that one comes back by itself', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nova-database-'))
    chmodSync(folder, 0o755)
    const { DATABASE_URL: _, ...settings } = settingsFor('')
    const database = await openDatabase({ ...settings, NOVA_DATA_DIR: folder })
    assert.equal(database.kind, 'embedded')
    assert.ok(database.describe.includes(folder))
    const server = runningPostmaster(join(folder, 'postgres'))
    process.kill(server?.pid ?? 0, 'SIGKILL')
    const answers = () => database.owner.query('select 1').then(Boolean, () => false)
    await until(async () => !(await answers()), 'the database to fall silent')
    await until(answers, 'the database to answer')
    await database.close()
    assert.equal(runningPostmaster(join(folder, 'postgres')), undefined)
    rmSync(folder, { recursive: true })
  })

  it('describes itself without its password', async () => {
    await using opened = await open(
      'postgres://nova:hunter2@db.example:5433/research?sslmode=require',
    )
    assert.equal(opened.database.describe, 'PostgreSQL at db.example:5433/research')
    await assert.rejects(
      open('postgres://nova:hunter2@/:x'),
      (error) => isRefusal('CONFIG_INVALID')(error) && !String(error).includes('hunter2'),
    )
  })

  it('never opens more connections than it was given', () => {
    for (const connections of [4, 8, 12, 40, 200]) {
      const access = { kind: 'url', describe: '', endpoint: {}, close() {} } as const
      const database = poolsOver(access, connections)
      const { owner, app, projector } = database
      const sum = [owner.options, app.options, projector.options, database.connection()]
        .map(({ max }) => max ?? 0)
        .reduce((total, max) => total + max)
      assert.equal(sum, connections)
    }
  })

  it('is the one of Cloud SQL when DATABASE_URL names another as well', async () => {
    await using test = await freshDatabase()
    const both = { ...settingsFor(test.url), CLOUD_SQL_INSTANCE: 'project:region:instance' }
    await assert.rejects(
      openDatabase(both),
      (error) => isRefusal('CONFIG_INVALID')(error) && /CLOUD_SQL_INSTANCE/.test(String(error)),
    )
  })

  it('bounds the wait for each answer, also of the owner and the queue, below a minute', async () => {
    await using test = await freshDatabase()
    const { owner, app, projector } = test.database
    for (const settings of [
      owner.options,
      app.options,
      projector.options,
      test.database.connection(),
    ]) {
      const { query_timeout: ms } = settings as { query_timeout?: number }
      assert.ok(ms && ms < 50_000)
    }
    await using opened = await open(test.url, { unhurried: true })
    const { query_timeout: unbounded } = opened.database.owner.options as { query_timeout?: number }
    assert.equal(unbounded, undefined)
  })

  it('has no schema before it is migrated', async () => {
    await using test = await emptyDatabase()
    const { rows } = await test.database.owner.query(
      `select from pg_namespace where nspname in ('nova', 'pgboss')`,
    )
    assert.equal(rows.length, 0)
  })
})

async function open(
  url: string,
  options: DatabaseOptions = {},
): Promise<AsyncDisposable & { database: Database }> {
  const database = await openDatabase(settingsFor(url), options)
  return { database, [Symbol.asyncDispose]: () => database.close() }
}

/** Takes connections and hangs up in the middle of the greeting. */
async function rudeServer() {
  const server = createServer((socket) => socket.once('data', () => socket.destroy()))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const at = server.address()
  return {
    url: `postgres://nova@127.0.0.1:${typeof at === 'object' ? at?.port : 0}/nova`,
    async [Symbol.asyncDispose]() {
      await new Promise((closed) => server.close(closed))
    },
  }
}

const isRefusal = (code: string) => (error: unknown) =>
  error instanceof Refusal && error.code === code
