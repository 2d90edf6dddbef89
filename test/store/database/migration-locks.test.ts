import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { migrationsFolder, readMigrations } from '../../../src/store/database/migration-files.ts'
import { lockProblems } from '../../support/migration-locks.ts'

/** A statement that a migration must not hold, and what is said of it. */
const refused: readonly [sql: string, problem: RegExp][] = [
  ['create index on nova.events (type)', /stops its writers/],
  ['create unique index concurrently i on nova.events (type)', /stops its writers/],
  ['alter table nova.events alter column type type varchar(9)', /rewrites the table/],
  ['alter table nova.events alter column erased_at set not null', /reads the whole table/],
  ['alter table nova.events drop column erased_at', /release after/],
  ['alter table nova.events add check (stream_version > 0)', /not valid/],
  ['alter table nova.events add column at timestamptz default clock_timestamp()', /computed/],
  ['alter table nova.events add column n int unique', /builds an index/],
  ['alter table nova.events add column n int not null', /give it a default/],
  ['alter table nova.events rename column type to kind', /old name/],
  ['alter table nova.events rename to facts', /old name/],
  ['drop table nova.contents', /release after/],
  ['drop function nova.plan_of(text, int, int, int)', /release after/],
  ['truncate nova.contents', /takes the rows away/],
  ['lock table nova.events in share mode', /stops them/],
  ['update nova.contents set media_type = lower(media_type)', /every row/],
  ['delete from nova.contents', /every row/],
  ['do $$ begin alter table nova.events add column n int; end $$', /not looked into/],
]

const allowed: readonly string[] = [
  'create table nova.t (a int primary key); create index on nova.t (a); alter table nova.t add check (a > 0)',
  "alter table nova.events add column note text not null default ''",
  'alter table nova.events add check (stream_version > 0) not valid',
  'alter table nova.events enable row level security, force row level security',
  `update nova.projections set status = 'retired' where status = 'rebuilding'`,
  '-- locks: one row for each projection, so it is short\nupdate nova.projections set failure = null',
  'drop view nova.tool_health',
]

describe('the migrations', () => {
  it('hold no statement that stops the servers which run meanwhile', async () => {
    for (const { name, up } of await readMigrations(migrationsFolder)) {
      assert.deepEqual(
        await lockProblems(up),
        [],
        `${name}: mend it, or say -- locks: why it is short`,
      )
    }
  })

  for (const [sql, problem] of refused) {
    it(`would be refused: ${sql}`, async () => {
      const [found, ...others] = await lockProblems(sql)
      assert.match(found?.problem ?? 'nothing', problem)
      assert.deepEqual(others, [])
    })
  }

  for (const sql of allowed) {
    it(`may hold: ${sql.replaceAll('\n', ' ')}`, async () => {
      assert.deepEqual(await lockProblems(sql), [])
    })
  }
})
