import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Database, openDatabase } from '../../../src/store/database/database.ts'
import { createReadiness } from '../../../src/store/database/readiness.ts'
import { createProjectionGate } from '../../../src/store/projections/projection-status.ts'
import { freshDatabase, settingsFor } from '../../support/database.ts'
import { faultyWire } from '../../support/faulty-wire.ts'

const lookedAt = (database: Database) => ({
  database,
  projections: createProjectionGate(database.app, () => {}),
})

describe('readiness', { concurrency: true }, () => {
  it('is told by the live generation of a projection, not by a rebuild that stopped', async () => {
    await using db = await freshDatabase()
    const { database } = db
    const ready = createReadiness(lookedAt(database))
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
      const ready = createReadiness(lookedAt(database))
      const answer = await ready()
      assert.deepEqual([answer.ok, answer.degraded], [false, false])
      assert.doesNotMatch(JSON.stringify(answer), /secretary|127\.0\.0\.1|accounts/)
    } finally {
      await database.close()
    }
  })

  it('answers while the database is silent, and says which checks had no answer', async () => {
    await using db = await freshDatabase()
    await using wire = await faultyWire(db.url)
    const database = await openDatabase(settingsFor(wire.url))
    const ready = createReadiness(lookedAt(database))
    assert.equal((await ready()).ok, true)
    // The statements get 45 seconds; whoever asks here has given up by then.
    wire.blackHole()
    const { ok, checks } = await ready()
    assert.equal(ok, false)
    const detailOf = new Map(checks.map(({ name, detail }) => [name, detail]))
    assert.equal(detailOf.get('database'), 'no answer within 5 s')
    assert.equal(detailOf.get('migrations'), 'no answer within 5 s')
    await database.close()
  })

  it('looks once for all who ask at the same time', async () => {
    await using db = await freshDatabase()
    const ready = createReadiness(lookedAt(db.database))
    assert.equal(ready(), ready())
    await ready()
  })

  it('says when a projection that is behind stands still, and when it moves again', async () => {
    await using db = await freshDatabase()
    const { database } = db
    const clock = { ms: 0 }
    const ready = createReadiness({ ...lookedAt(database), now: () => clock.ms })
    const told = async () =>
      (await ready()).checks.find(({ name }) => name === 'projections')?.detail ?? ''
    const place = (position: number) =>
      database.owner.query(
        `update nova.projections set position = $1 where name = 'usage' and status = 'live'`,
        [position],
      )
    await database.owner.query(`select setval('nova.position_seq', 100)`)
    await database.owner.query('update nova.projections set position = 100')
    assert.equal(await told(), 'following')
    await place(60)
    assert.equal(await told(), 'following', 'it is only behind')
    clock.ms += 21_000
    assert.equal(await told(), 'usage stands still, 40 events behind')
    await place(61)
    assert.equal(await told(), 'following')
    clock.ms += 21_000
    assert.equal(await told(), 'usage stands still, 39 events behind')
    await place(100)
    assert.equal(await told(), 'following')
  })

  it('says what the workers say, where there are some', async () => {
    await using db = await freshDatabase()
    const problem = 'no answer from the queue for 20 s: operations'
    const ready = createReadiness({ ...lookedAt(db.database), jobs: () => ({ problem }) })
    const { ok, degraded, checks } = await ready()
    assert.deepEqual([ok, degraded], [true, true])
    assert.deepEqual(checks.at(-1), { name: 'jobs', ok: false, detail: problem })
  })
})
