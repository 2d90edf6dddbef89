import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import checksums from '../../../src/store/database/checksums.json' with { type: 'json' }
import { migrate, migrateDown } from '../../../src/store/database/migrate.ts'
import { migrationsFolder, readMigrations } from '../../../src/store/database/migration-files.ts'
import { readSqlTree, type SqlTree } from '../../../src/store/database/sql-tree.ts'
import { emptyDatabase, freshDatabase } from '../../support/database.ts'
import { describeSchema } from '../../support/describe-schema.ts'

const file = join(import.meta.dirname, '../../../src/store/database/checksums.json')

/** A tree of one revision in which the units of a call are weighed like this. */
async function treeWith(revision: number, weight: string): Promise<SqlTree> {
  const tree = await readSqlTree()
  const files = tree.files.map((one) =>
    one.name === 'usage/weight-of'
      ? { ...one, text: one.text.replace(/select .*/, `select ${weight}`) }
      : one,
  )
  assert.notDeepEqual(files, tree.files)
  return { revision, sha256: `of ${weight}`, files }
}

describe('the SQL tree', () => {
  it('is installed again when its text has changed, and left alone otherwise', async () => {
    await using test = await freshDatabase()
    const { owner } = test.database
    const weight = async () => {
      const { rows } = await owner.query<{ w: number }>(`select nova.weight_of('{}') as w`)
      return rows[0]?.w
    }
    assert.equal(await weight(), 1)
    const next = await treeWith(2, '2')
    assert.equal((await migrate(test.database, { tree: next })).installed, true)
    assert.equal(await weight(), 2)
    assert.equal((await migrate(test.database, { tree: next })).installed, false)
    // A server of before starts once more while the newer ones run.
    assert.equal((await migrate(test.database)).installed, false)
    assert.equal(await weight(), 2)
  })

  it('leaves the database as it was when a part of it cannot be installed', async () => {
    await using test = await freshDatabase()
    const before = await describeSchema(test.database.owner)
    const { files } = await treeWith(2, '3')
    const broken = {
      name: 'usage/z',
      text: 'create or replace view nova.z as select * from nova.none;',
    }
    const tree = { revision: 2, sha256: 'broken', files: [...files, broken] }
    await assert.rejects(migrate(test.database, { tree }), { code: 'DATABASE_NOT_MIGRATED' })
    assert.equal(await describeSchema(test.database.owner), before)
  })

  it('shows a column that a migration added, and one that it took away', async () => {
    await using test = await freshDatabase()
    const { owner } = test.database
    const columns = async () => {
      const { rows } = await owner.query<{ name: string }>(
        `select attname as name from pg_attribute where attrelid = 'nova.plans'::regclass order by attnum`,
      )
      return rows.map(({ name }) => name)
    }
    const before = await columns()
    await owner.query('alter table nova.plans_g1 add column note text')
    await migrate(test.database, { tree: await treeWith(2, '2') })
    assert.deepEqual(await columns(), [...before, 'note'])
    await owner.query('drop view nova.plans cascade; alter table nova.plans_g1 drop column note')
    await migrate(test.database, { tree: await treeWith(3, '3') })
    assert.deepEqual(await columns(), before)
  })
})

describe('migrations', () => {
  it('are taken back and applied again, each of them, to the same schema', async () => {
    await using test = await emptyDatabase()
    await migrate(test.database)
    const { owner } = test.database
    const whole = await describeSchema(owner)
    const names = (await readMigrations(migrationsFolder)).map(({ name }) => name)
    for (let count = 1; count <= names.length; count++) {
      assert.deepEqual(await migrateDown(test.database, count), names.toReversed().slice(0, count))
      assert.deepEqual(await migrate(test.database), {
        applied: names.slice(-count),
        installed: true,
      })
      assert.equal(await describeSchema(owner), whole, `after ${count} came back`)
    }
  })

  it('are fixed once they are merged: the list knows each by its checksum', async () => {
    const files = await readMigrations(migrationsFolder)
    const listed: Record<string, string> = checksums.migrations
    for (const { name, sha256 } of files) {
      if (name in listed) {
        assert.equal(
          listed[name],
          sha256,
          `${name} was merged: add a new migration, leave it as it was`,
        )
      }
    }
    assert.deepEqual(
      Object.keys(listed).filter((name) => !files.some((one) => one.name === name)),
      [],
      'a merged migration is gone',
    )
    const complete = Object.fromEntries(files.map(({ name, sha256 }) => [name, sha256]))
    if (process.env.LIST_CHECKSUMS === '1') {
      writeFileSync(file, `${JSON.stringify({ ...checksums, migrations: complete }, null, 2)}\n`)
    } else {
      assert.deepEqual(listed, complete, 'run npm run db:checksums')
    }
  })

  it('come with a higher revision of the SQL once that has changed since its release', async () => {
    const { revision, released } = checksums.sql
    const { sha256 } = await readSqlTree()
    if (process.env.RELEASE_SQL === '1') {
      const sql = { revision, released: { revision, sha256 } }
      writeFileSync(file, `${JSON.stringify({ ...checksums, sql }, null, 2)}\n`)
    } else if (sha256 !== released.sha256) {
      assert.ok(revision > released.revision, 'add one to sql.revision in checksums.json')
    }
  })
})
