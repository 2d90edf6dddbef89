import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openDatabase } from '../../src/store/database.ts'
import { createProjectionGate } from '../../src/store/projection-status.ts'
import { createReadiness } from '../../src/store/readiness.ts'
import { freshDatabase, settingsFor } from '../support/database.ts'

describe('readiness', { concurrency: true }, () => {
  it('is told by the live generation of a projection, not by a rebuild that stopped', async () => {
    await using db = await freshDatabase()
    const { database } = db
    const ready = createReadiness(
      database,
      createProjectionGate(database.app, () => {}),
    )
    assert.equal((await ready()).ok, true)
    await database.owner.query(
      `insert into nova.projections (name, generation, status, failed_position, failure)
       values ('usage', 2, 'rebuilding', 7, 'division by zero')`,
    )
    assert.equal((await ready()).ok, true)
    await database.owner.query(
      `update nova.projections set failed_position = 7, failure = 'invalid input for uuid: "ada''s"'
       where name = 'usage' and generation = 1`,
    )
    const { ok, degraded, checks } = await ready()
    assert.deepEqual([ok, degraded], [true, true], 'a server that serves stays in rotation')
    assert.equal(
      checks.find(({ name }) => name === 'projections')?.detail,
      'usage stopped before the event at 7: invalid input for uuid: "…"',
    )
  })

  it('names no address, user or database, whatever is wrong', async () => {
    const url = 'postgres://secretary@127.0.0.1:1/accounts'
    const database = await openDatabase(settingsFor(url))
    try {
      const ready = createReadiness(
        database,
        createProjectionGate(database.app, () => {}),
      )
      const answer = await ready()
      assert.deepEqual([answer.ok, answer.degraded], [false, false])
      assert.doesNotMatch(JSON.stringify(answer), /secretary|127\.0\.0\.1|accounts/)
    } finally {
      await database.close()
    }
  })

  it('looks once for all who ask at the same time', async () => {
    await using db = await freshDatabase()
    const ready = createReadiness(
      db.database,
      createProjectionGate(db.database.app, () => {}),
    )
    assert.equal(ready(), ready())
    await ready()
  })
})
