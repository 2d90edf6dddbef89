import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { eraseArticle } from '../../../src/commands/articles/erase-article.ts'
import { composeStores } from '../../../src/compose/compose-stores.ts'
import { projections } from '../../../src/projections/registry.ts'
import { takeOutMonth } from '../../../src/store/archives/archive-events.ts'
import { archiveLines, readArchive } from '../../../src/store/archives/archive-lines.ts'
import { bringBackMonth } from '../../../src/store/archives/bring-back-month.ts'
import { exportEvents } from '../../../src/store/archives/export-events.ts'
import { importEvents } from '../../../src/store/archives/import-events.ts'
import { verifyEvents } from '../../../src/store/archives/verify-events.ts'
import { openDatabase } from '../../../src/store/database/database.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { rebuildProjection } from '../../../src/store/projections/rebuild-projection.ts'
import { emptyDatabase, settingsFor } from '../../support/database.ts'
import { appendOldUsage } from '../../support/old-usage.ts'

const now = new Date('2026-05-01T12:00:00.000Z')

/** A migrated database whose owner is no superuser, as on every managed PostgreSQL. */
async function ownedByPlainRole() {
  const empty = await emptyDatabase()
  const { owner } = empty.database
  const role = 'nova_test_plain_owner'
  const { rows } = await owner.query<{ name: string }>('select current_database() as name')
  await owner.query(`
    do $$ begin create role ${role} login createrole nosuperuser;
    exception when duplicate_object or unique_violation then null; end $$;
    alter database ${rows[0]?.name} owner to ${role}`)
  // The roles are there once any database of the server was migrated, and not made by this owner then.
  for (const shared of [
    'nova_app',
    'nova_projector',
    'nova_keeper',
    'nova_analyst',
    'nova_reader',
  ]) {
    await owner.query(`
      do $$ begin grant ${shared} to ${role} with admin option;
      exception when undefined_object then null; end $$`)
  }
  const url = new URL(empty.url)
  url.username = role
  const database = await openDatabase(settingsFor(url.href))
  await migrate(database)
  return {
    database,
    async [Symbol.asyncDispose]() {
      await database.close()
      await empty[Symbol.asyncDispose]()
    },
  }
}

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all = []
  for await (const line of lines) all.push(line)
  return all
}

async function* from(lines: readonly string[]) {
  yield* lines
}

it('an owner without superuser rights can do all that an operator does', async () => {
  await using w = await ownedByPlainRole()
  await using other = await ownedByPlainRole()
  const { database } = w
  const { rows } = await database.owner.query(
    'select rolsuper from pg_roles where rolname = current_user',
  )
  assert.deepEqual(rows, [{ rolsuper: false }])
  const deps = { ...composeStores(database), now: () => now }
  const ada = { userId: 'ada', metadata: { actor: 'cli' } } as const
  const whole = async (at: typeof database) =>
    assert.deepEqual((await verifyEvents(at.owner)).problems, [])

  const gone = await createArticle(deps, ada, { guideline: Buffer.from('# Gone') })
  await createArticle(deps, ada, { guideline: Buffer.from('# Stays') })
  await eraseArticle(deps, ada, gone)
  await database.projector.query('select nova.sweep_contents()')
  await appendOldUsageAs(database)
  for (const projection of projections) {
    await drainProjection(database.projector, projection)
    await rebuildProjection(database, projection)
  }
  await whole(database)

  const lines = await collect(exportEvents(database, { contents: true, now }))
  await importEvents(other.database.owner, from(lines))
  await whole(other.database)

  for (const part of ['usage', 'all'] as const) {
    const leaving = { month: '2025-11', part, before: '2026-04' }
    const archived = await collect(archiveLines(database.projector, leaving, now))
    const content = await readArchive(from(archived))
    assert.ok(content && content.events > 0)
    await takeOutMonth(database, leaving, content)
    await whole(database)
    await bringBackMonth(database.owner, 'november', from(archived))
    await whole(database)
  }
  await createArticle(deps, ada, { guideline: Buffer.from('# One more') })
})

/** The helper writes past the store, which only the keeper may. */
async function appendOldUsageAs(database: Parameters<typeof appendOldUsage>[0]): Promise<void> {
  await database.owner.query('set role nova_keeper')
  await appendOldUsage(database, 'ada', ['2025-11'])
  await database.owner.query('reset role')
}
