import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { migrate, migrationsFolder } from '../../src/store/migrate.ts'
import { emptyDatabase } from '../support/database.ts'

/** The migrations that came before one, in a folder of their own. */
function before(name: string) {
  const path = mkdtempSync(join(tmpdir(), 'nova-migrations-'))
  for (const file of readdirSync(migrationsFolder).filter((other) => other < name)) {
    cpSync(join(migrationsFolder, file), join(path, file))
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

it('what was counted before there were weights counts one a call', async () => {
  await using test = await emptyDatabase()
  const { owner, projector } = test.database
  using folder = before('0032')
  await migrate(test.database, { folder: folder.path })
  await owner.query(`
    insert into nova.usage_g1 values ('ada', '2026-05', 'get_article', 5, 2, 1, 3, 0, 0, 0, 9, 0, 11);
    insert into nova.tool_calls_g1 values ('ada', 'call1', '2026-05', 'get_article', null, 'open', now());
    insert into nova.plans_g1 values ('ada', 10, 0, 0, now(), 1)`)
  await migrate(test.database)
  const read = async (sql: string) => (await projector.query(sql)).rows
  assert.deepEqual(await read('select units, units_refunded from nova.usage'), [
    { units: 5, units_refunded: 2 },
  ])
  assert.deepEqual(await read('select used, calls from nova.monthly_calls'), [
    { used: 3, calls: 5 },
  ])
  assert.deepEqual(await read('select weight from nova.tool_calls'), [{ weight: 1 }])
  assert.deepEqual(await read('select weights from nova.plans'), [{ weights: {} }])
  const { rows } = await owner.query(
    `select used, weight from nova.admit_tool_call('ada', '2026-05', 100, 0, 0, false, '01A',
       '{"tool": "get_article", "call_id": "a"}', '01B', '{}', '{}')`,
  )
  assert.deepEqual(rows, [{ used: 4, weight: 1 }])
})
