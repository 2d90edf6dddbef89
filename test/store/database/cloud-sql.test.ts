import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { PgBoss } from 'pg-boss'
import { Refusal } from '../../../src/errors.ts'
import { connectCloudSql } from '../../../src/store/database/cloud-sql.ts'
import { type Database, poolsOver } from '../../../src/store/database/database.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { type CloudSqlStandIn, cloudSqlStandIn } from '../../support/cloud-sql-stand-in.ts'
import { emptyDatabase, freshDatabase, type TestDatabase } from '../../support/database.ts'

describe('Cloud SQL', () => {
  it('connects with a password over the private address', async () => {
    await using world = await open({ type: 'PRIVATE', address: '127.0.0.11', password: 'secret' })
    const { rows } = await world.database.app.query('select current_user as role')
    assert.deepEqual(rows, [{ role: 'nova_app' }])
    assert.deepEqual(new Set(world.standIn.tokens), new Set([undefined]))
  })

  it('connects by IAM when there is no password', async () => {
    await using world = await open({ type: 'PUBLIC', address: '127.0.0.12' })
    const { rows } = await world.database.owner.query('select 1 as one')
    assert.deepEqual(rows, [{ one: 1 }])
    assert.deepEqual(new Set(world.standIn.tokens), new Set(['stand-in-token']))
  })

  it('connects through private service connect', async () => {
    await using world = await open({ type: 'PSC', address: '127.0.0.13', password: 'secret' })
    const { rows } = await world.database.owner.query('select 1 as one')
    assert.deepEqual(rows, [{ one: 1 }])
  })

  it('refuses an address that the instance does not have', async () => {
    await using test = await freshDatabase()
    const address = '127.0.0.14'
    await using standIn = await cloudSqlStandIn({
      databaseUrl: test.url,
      type: 'PRIVATE',
      address,
    })
    await assert.rejects(
      connectCloudSql({ ...settings(standIn, 'PUBLIC'), DB_PASS: 'x' }, standIn.auth),
      isRefusal('DATABASE_UNAVAILABLE'),
    )
  })

  it('refuses to connect without a user', async () => {
    await assert.rejects(
      connectCloudSql({
        CLOUD_SQL_INSTANCE: 'p:r:i',
        DB_NAME: 'nova',
        NOVA_CLOUD_SQL_IP: 'PUBLIC',
      }),
      isRefusal('CONFIG_INVALID'),
    )
  })

  it('migrates, runs jobs with wake-up, and comes back after a failover', async () => {
    await using test = await emptyDatabase()
    await using world = await open({ type: 'PRIVATE', address: '127.0.0.15', test })
    const { applied } = await migrate(world.database)
    assert.ok(applied.length > 0)

    const boss = new PgBoss({ ...world.database.connection(), useListenNotify: true })
    boss.on('error', () => {})
    await using _ = { [Symbol.asyncDispose]: () => boss.stop({ graceful: false }) }
    await boss.start()
    await boss.createQueue('echo', { notify: true })
    const { promise: worked, resolve } = Promise.withResolvers<object>()
    await boss.work<object>('echo', async ([job]) => resolve(job?.data ?? {}))
    await boss.send('echo', { hello: 'there' })
    assert.deepEqual(await worked, { hello: 'there' })

    await world.database.owner.query('select 1')
    const removed = once(world.database.owner, 'remove')
    world.standIn.drop()
    await removed
    const { rows } = await world.database.owner.query('select 1 as one')
    assert.deepEqual(rows, [{ one: 1 }])
  })
})

interface World extends AsyncDisposable {
  database: Database
  standIn: CloudSqlStandIn
}

/** A database of its own behind a stand-in of its own, opened as with `CLOUD_SQL_INSTANCE`. */
async function open(options: {
  type: 'PUBLIC' | 'PRIVATE' | 'PSC'
  address: string
  password?: string
  test?: TestDatabase
}): Promise<World> {
  const { type, address, password, test = await freshDatabase() } = options
  const standIn = await cloudSqlStandIn({ databaseUrl: test.url, type, address })
  const { endpoint, close } = await connectCloudSql(
    {
      ...settings(standIn, type),
      DB_USER: new URL(test.url).username,
      DB_NAME: new URL(test.url).pathname.slice(1),
      ...(password && { DB_PASS: password }),
    },
    standIn.auth,
  )
  const database = poolsOver({ kind: 'cloud-sql', describe: 'p:r:i', endpoint, close }, 12)
  return {
    database,
    standIn,
    async [Symbol.asyncDispose]() {
      await database.close()
      await standIn[Symbol.asyncDispose]()
      if (!options.test) await test[Symbol.asyncDispose]()
    },
  }
}

const settings = (standIn: CloudSqlStandIn, type: 'PUBLIC' | 'PRIVATE' | 'PSC') => ({
  CLOUD_SQL_INSTANCE: 'p:r:i',
  DB_USER: 'nova',
  DB_NAME: 'nova',
  NOVA_CLOUD_SQL_IP: type,
  NOVA_CLOUD_SQL_API: standIn.api,
})

const isRefusal = (code: string) => (error: unknown) =>
  error instanceof Refusal && error.code === code
