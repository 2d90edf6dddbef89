import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { it } from 'node:test'
import { emptyDatabase } from '../support/database.ts'
import { describeSchema } from '../support/describe-schema.ts'
import { faultyWire } from '../support/faulty-wire.ts'
import { startNova } from '../support/nova-process.ts'
import { until } from '../support/until.ts'

const dump = new URL('../schema.sql', import.meta.url)

it('five servers started at once on an empty database, the one that migrates killed with -9 in the middle: the others make the schema once and all serve', async () => {
  await using db = await emptyDatabase()
  const { owner } = db.database
  await using resources = new AsyncDisposableStack()
  const start = (url: string) =>
    resources.use(
      startNova(['serve', '-p', '0'], {
        DATABASE_URL: url,
        NOVA_LINK_SECRET: 'a key of the tests that opens nothing else',
      }),
    )
  // A schema of that name in an open transaction holds the first migration where it is.
  const gate = await owner.connect()
  await gate.query('begin; create schema nova')
  const killed = start(db.url)
  await until(async () => {
    const { rowCount } = await owner.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    return rowCount !== 0
  }, 'the first server to wait for a lock')
  let asking = 0
  const others = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const wire = resources.use(await faultyWire(db.url))
      wire.decide = () => {
        asking++
        wire.decide = () => 'pass'
        return 'pass'
      }
      return start(wire.url)
    }),
  )
  await until(() => asking === others.length, 'every other server to ask')
  killed.signal('SIGKILL')
  assert.equal(await killed.ended, 'SIGKILL')
  await gate.query('rollback')
  gate.release()

  for (const nova of others) {
    const [, mcpUrl = ''] = await nova.printed(/MCP +(\S+)\n/)
    const response = await fetch(mcpUrl.replace(/\/mcp$/, '/readyz'))
    assert.equal(response.status, 200, await response.text())
  }
  assert.equal(await describeSchema(owner), await readFile(dump, 'utf8'))
})
