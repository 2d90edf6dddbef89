import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openDatabase } from '../../../src/store/database/database.ts'
import { examineDatabase } from '../../../src/store/database/examine-database.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { freshDatabase, settingsFor } from '../../support/database.ts'
import { ownCluster } from '../../support/own-cluster.ts'

const find = async (owner: Parameters<typeof examineDatabase>[0]) => {
  const found = await examineDatabase(owner)
  return (name: string) => {
    const one = found.find((examined) => examined.name === name)
    return `${one?.state} ${one?.detail}`
  }
}

it('an examination of a healthy database finds nothing that must not stay so', async () => {
  await using db = await freshDatabase()
  await db.database.owner.query('select nova.ensure_event_partitions(2)')
  const found = await examineDatabase(db.database.owner)
  assert.deepEqual(
    found.filter(({ state }) => state === 'broken'),
    [],
  )
  assert.deepEqual(
    found.filter(({ detail }) => detail.startsWith('not seen')),
    [],
    'a query does not work on this version of PostgreSQL',
  )
  const of = await find(db.database.owner)
  assert.match(of('connections'), /^ok \d+ of \d+ taken/)
  assert.match(of('months ahead'), /^ok events of the next month/)
  assert.match(of('slowest'), /^note unknown: shared_preload_libraries/)
})

it('an examination names dead rows, used up sequences, unused slots and stray events', async () => {
  await using cluster = await ownCluster({
    fsync: 'off',
    autovacuum: 'off',
    shared_preload_libraries: 'pg_stat_statements',
    'pg_stat_statements.track': 'all',
  })
  const database = await openDatabase(settingsFor(cluster.url()))
  try {
    await migrate(database)
    const { owner } = database
    await owner.query(`create extension pg_stat_statements; create table busy as select generate_series(1, 30000) as n;
      create sequence small maxvalue 10`)
    await owner.query('delete from busy')
    await owner.query(`select nextval('small') from generate_series(1, 8)`)
    await owner.query(`select pg_create_physical_replication_slot('lonely', true)`)
    await owner.query('alter table nova.events disable row level security')
    await owner.query('select pg_stat_force_next_flush()')
    await owner.query('select 1')
    const of = await find(owner)
    assert.match(of('dead rows'), /^note vacuum these: busy 100 %, last vacuumed never/)
    assert.match(of('sequences'), /^broken widen: small has used 80 %/)
    assert.match(of('replication'), /^note slot lonely is not used and keeps /)
    assert.match(of('slowest'), /^ok [\d.]+ ms × \d+: /)
    assert.match(of('most frequent'), /ms × \d+/)
    assert.doesNotMatch(of('slowest'), /30000/)
  } finally {
    await database.close()
  }
})
