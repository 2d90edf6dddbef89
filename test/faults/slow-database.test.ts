import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { farDatabase } from '../../bench/busy/far-database.ts'
import { atOnce } from '../../bench/busy/scene.ts'
import { twoServers } from '../../bench/busy/two-servers.ts'
import { openDatabase } from '../../src/store/database/database.ts'
import { createTenantReader } from '../../src/store/database/tenant.ts'
import { freshDatabase, settingsFor } from '../support/database.ts'
import { faultyWire } from '../support/faulty-wire.ts'

describe('a database that is slow', { concurrency: 2 }, () => {
  for (const [open, what] of [
    [2, 'the two connections that stay open through a pause'],
    [1, 'one connection'],
  ] as const) {
    it(`to take connections, by 900 ms: of 12 requests at once on ${what}, 0 are refused`, async () => {
      await using db = await freshDatabase()
      await using wire = await faultyWire(db.url)
      const database = await openDatabase(settingsFor(wire.url))
      const reader = createTenantReader(database.app)
      const ask = (n: number) => reader.query(`user-${n}`, 'select from nova.articles', [])
      await atOnce(open, ask)
      wire.dialMs = 900
      const { done, refused } = await atOnce(12, ask)
      await database.close()
      assert.deepEqual([done, refused], [12, {}])
    })
  }

  it('by 150 ms a round trip: of 50 users who create an article at once, 0 are refused', async () => {
    await using db = await freshDatabase()
    const { done, refused } = await farDatabase(db.url)
    assert.deepEqual([done, refused], [50, {}])
  })

  it('by 150 ms a round trip: of 120 calls at a limit of 40 on two servers, 80 hear of their quota', async () => {
    await using db = await freshDatabase()
    const { done, refused } = await twoServers(db.url)
    assert.deepEqual([done, refused], [40, { QUOTA_EXCEEDED: 80 }])
  })

  it('for good: a server closes although the connections never end', async () => {
    await using db = await freshDatabase()
    await using wire = await faultyWire(db.url)
    const database = await openDatabase(settingsFor(wire.url))
    const { app, owner } = database
    await Promise.all([app.query('select 1'), owner.query('select 1')])
    wire.blackHole()
    const unanswered = assert.rejects(owner.query('select 1'))
    await database.close()
    await unanswered
    assert.equal(wire.open(), 0)
  })
})
