import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { create } from '../../src/cli/migrate/create.ts'
import { migrate as command } from '../../src/cli/migrate.ts'
import { createArticle } from '../../src/commands/articles/create-article.ts'
import { projections } from '../../src/projections/registry.ts'
import { createContents } from '../../src/store/contents/contents.ts'
import { migrate } from '../../src/store/database/migrate.ts'
import { migrationsFolder, readMigrations } from '../../src/store/database/migration-files.ts'
import { PostgresEventStore } from '../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../src/store/events/stream-signal.ts'
import { rebuildProjection } from '../../src/store/projections/rebuild-projection.ts'
import { cliCall, rememberingTerminal } from '../support/cli-call.ts'
import { emptyDatabase, freshDatabase, type TestDatabase } from '../support/database.ts'
import { describeSchema } from '../support/describe-schema.ts'

/** One `nova migrate …` on the database of a test. */
async function run(test: TestDatabase, ...words: string[]) {
  const terminal = rememberingTerminal()
  const options = Object.fromEntries(
    words.filter((word) => word.startsWith('--')).map((word) => [word.slice(2), true]),
  )
  const positionals = words.filter((word) => !word.startsWith('--'))
  const settings = { DATABASE_URL: test.url }
  const code = await command.run(cliCall(terminal, settings, { positionals, options }))
  return { code, out: terminal.out() }
}

const names = async () => (await readMigrations(migrationsFolder)).map(({ name }) => name)

describe('nova migrate', () => {
  it('says what is pending, applies it, and says that nothing is', async () => {
    await using test = await emptyDatabase()
    const [first] = await names()
    const before = await run(test, 'status')
    assert.equal(before.code, 1)
    assert.match(before.out, new RegExp(`pending +${first}`))
    assert.match((await run(test, '--dry-run')).out, new RegExp(`pending +${first}`))
    assert.match((await run(test)).out, new RegExp(`done +${first}[^]*functions, views and rights`))
    const after = await run(test, 'status')
    assert.equal(after.code, 0)
    assert.doesNotMatch(after.out, /pending/)
    assert.match((await run(test, 'up')).out, /Up to date/)
  })

  it('takes migrations back only when told that the data may go', async () => {
    await using test = await freshDatabase()
    await assert.rejects(run(test, 'down'), { name: 'UsageError', message: /deletes/ })
    await assert.rejects(run(test, 'down', 'all', '--yes'), { name: 'UsageError' })
    const newest = (await names()).at(-1)
    assert.match((await run(test, 'down', '--yes')).out, new RegExp(`taken back +${newest}`))
    assert.match((await run(test, 'status')).out, new RegExp(`pending +${newest}`))
  })

  it('prints a script that makes the same database by hand', async () => {
    await using test = await emptyDatabase()
    await using known = await freshDatabase()
    const { out } = await run(test, 'sql')
    await test.database.owner.query(out)
    assert.equal(
      await describeSchema(test.database.owner),
      await describeSchema(known.database.owner),
    )
    assert.deepEqual(await migrate(test.database), { applied: [], installed: false })
  })

  it('prints what is left after a migration', async () => {
    await using test = await freshDatabase()
    const all = await names()
    await run(test, 'down', '2', '--yes')
    const { out } = await run(test, 'sql', String(all.at(-3)))
    await test.database.owner.query(out)
    assert.equal((await run(test, 'check')).code, 0)
    assert.deepEqual(await migrate(test.database), { applied: [], installed: false })
    await assert.rejects(run(test, 'sql', 'none'), { name: 'UsageError' })
  })

  it('takes over a database whose tables came another way', async () => {
    await using test = await freshDatabase()
    await test.database.owner.query('drop schema nova_meta cascade')
    await assert.rejects(run(test), { code: 'DATABASE_NOT_MIGRATED' })
    assert.equal((await run(test, 'stamp')).code, 0)
    assert.deepEqual(await migrate(test.database), { applied: [], installed: false })
    assert.equal((await run(test, 'status')).code, 0)
  })

  it('finds what was changed in a live database, and nothing else', async () => {
    await using test = await freshDatabase()
    const { owner } = test.database
    for (const projection of projections) await rebuildProjection(test.database, projection)
    await owner.query('select nova.ensure_event_partitions(2)')
    const clean = await run(test, 'check')
    assert.equal(clean.code, 0, clean.out)
    await owner.query(`
      drop policy own_streams on nova.streams;
      create index by_hand on nova.streams (version);
      alter table nova.contents alter media_type drop not null;
      grant delete on nova.contents to nova_app;
      create or replace function nova.weight_of(p_data jsonb) returns int language sql as 'select 0'`)
    const { code, out } = await run(test, 'check')
    assert.equal(code, 1)
    assert.match(out, /- Policies: streams: own_streams/)
    assert.match(out, /\+ Indexes: .*by_hand/)
    assert.match(out, /\+ Functions: .*weight_of/)
    assert.match(
      out,
      /\+ Grants on tables, views and sequences: .*delete.*nova\.contents to nova_app/,
    )
    assert.match(out, /\+ Tables and their columns: table nova\.contents/)
    // Looking has changed nothing.
    assert.equal((await run(test, 'check')).out, out)
    await migrate(test.database, { tree: null })
  })

  it('writes an empty migration after all others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nova-migrations-'))
    try {
      const terminal = rememberingTerminal()
      await create(cliCall(terminal, {}), 'first', folder)
      await create(cliCall(terminal, {}), 'second', folder)
      const files = readdirSync(folder).toSorted()
      assert.deepEqual(
        files.map((file) => file.slice(15)),
        ['first.sql', 'second.sql'],
      )
      assert.equal((await readMigrations(folder)).length, 2)
      await assert.rejects(create(cliCall(terminal, {}), 'Not This', folder), {
        name: 'UsageError',
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('a database of before the first release', () => {
  it('is refused, and moves with its events and bodies, also from where a crash left it', async () => {
    await using test = await freshDatabase()
    const folder = mkdtempSync(join(tmpdir(), 'nova-renew-'))
    const path = join(folder, 'events.jsonl.gz')
    try {
      const { owner, app } = test.database
      const contents = createContents(app)
      const store = new PostgresEventStore(test.database, new StreamSignal())
      const deps = { store, contents, now: () => new Date(), newId: () => crypto.randomUUID() }
      const ada = { userId: 'ada', metadata: { actor: 'cli' } } as const
      await createArticle(deps, ada, { guideline: Buffer.from('# Kept') })
      const read = async () => {
        const events = await owner.query('select event_id, data, hash from nova.events order by 1')
        const bodies = await owner.query('select user_id, sha256, body from nova.contents')
        return { events: events.rows, bodies: bodies.rows }
      }
      const before = await read()
      const numbered = `update nova_meta.migration_checksums set name = '0001-events'
        where name like '%-events'`
      await owner.query(numbered)
      await assert.rejects(migrate(test.database), { code: 'DATABASE_BEFORE_BASELINE' })
      assert.match((await run(test, 'renew', path)).out, /1 events and 1 bodies imported/)
      assert.deepEqual(await read(), before)

      await owner.query('drop schema nova, nova_meta, nova_research cascade')
      assert.match((await run(test, 'renew', path)).out, /1 events and 1 bodies imported/)
      assert.deepEqual(await read(), before)
      assert.match((await run(test, 'renew', `${path}.none`)).out, /Nothing to renew/)
      await assert.rejects(run(test, 'renew'), { name: 'UsageError' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
