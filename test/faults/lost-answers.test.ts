import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal } from '../../src/errors.ts'
import { LinkUsed } from '../../src/events/link-events.ts'
import { openDatabase } from '../../src/store/database.ts'
import { createPool } from '../../src/store/database-pools.ts'
import { PostgresEventStore } from '../../src/store/postgres-event-store.ts'
import { StreamSignal } from '../../src/store/stream-signal.ts'
import { asTenant } from '../../src/store/tenant.ts'
import { freshDatabase, settingsFor } from '../support/database.ts'
import { faultyWire } from '../support/faulty-wire.ts'
import { type Acknowledged, assertInvariants } from '../support/invariants.ts'
import { linkCommand } from './link-command.ts'

const unavailable = (error: unknown) =>
  error instanceof Refusal && error.code === 'DATABASE_UNAVAILABLE'

describe('the connection to PostgreSQL', { concurrency: 2 }, () => {
  it('cut in a tenth of 1,000 commands before and in a tenth after their commit: 0 are lost and 0 done twice', async () => {
    await using db = await freshDatabase()
    await using wire = await faultyWire(db.url)
    const database = await openDatabase(settingsFor(wire.url))
    const store = new PostgresEventStore(database, new StreamSignal())
    const cuts = { unsent: 0, unanswered: 0 }
    let appends = 0
    wire.decide = (request) => {
      const nth = request.includes('nova_append') ? ++appends % 10 : 0
      const fate = nth === 3 ? 'unsent' : nth === 7 ? 'unanswered' : 'pass'
      if (fate !== 'pass') cuts[fate]++
      return fate
    }
    const acknowledged: Acknowledged[] = []
    let next = 0
    const worker = async () => {
      for (let n = next++; n < 1000; n = next++) {
        const { stream, events, options, mark } = linkCommand('ada', n)
        const data = events.map(LinkUsed)
        for (let told = false; !told; ) {
          try {
            const { version, position } = await store.append(stream, data, options)
            acknowledged.push({ mark, version, position })
            told = true
          } catch (error) {
            assert.ok(unavailable(error), `a retryable refusal, and not ${error}`)
          }
        }
      }
    }
    await Promise.all([worker(), worker(), worker(), worker()])
    await database.close()
    assert.equal(acknowledged.length, 1000)
    assert.ok(cuts.unsent >= 100 && cuts.unanswered >= 100)
    await assertInvariants(db.database, acknowledged)
    const { rows } = await db.database.owner.query<{ n: number }>(
      'select count(*)::int as n from nova.events',
    )
    assert.equal(rows[0]?.n, 1000 + 334)
  })

  it('swallowed by a black hole: a statement is refused when its time is over, and the pool goes on', async () => {
    await using db = await freshDatabase()
    await using wire = await faultyWire(db.url)
    const timeouts = { statement_timeout: 100 }
    const pool = createPool(
      { connectionString: wire.url },
      { name: 'test', max: 2, role: 'nova_app', timeouts },
    )
    const ask = () => asTenant(pool, 'ada', 'select 1 as one', [])
    assert.deepEqual(await Promise.all([ask(), ask()]), [[{ one: 1 }], [{ one: 1 }]])
    wire.blackHole()
    const swallowed = await Promise.allSettled([ask(), ask()])
    for (const outcome of swallowed) {
      assert.ok(outcome.status === 'rejected' && unavailable(outcome.reason))
    }
    assert.deepEqual(await Promise.all([ask(), ask()]), [[{ one: 1 }], [{ one: 1 }]])
    await pool.end()
  })

  it('whose backends are all terminated again and again under writes: 0 acknowledged commands are lost', async () => {
    await using db = await freshDatabase()
    const database = await openDatabase(settingsFor(db.url))
    const store = new PostgresEventStore(database, new StreamSignal())
    const acknowledged: Acknowledged[] = []
    let refused = 0
    const worker = async (writer: string) => {
      for (let n = 0; n < 100; n++) {
        const { stream, events, options, mark } = linkCommand(writer, n)
        for (let told = false; !told; ) {
          try {
            const { version, position } = await store.append(stream, events.map(LinkUsed), options)
            acknowledged.push({ mark, version, position })
            told = true
          } catch (error) {
            assert.ok(unavailable(error), `a retryable refusal, and not ${error}`)
            refused++
          }
        }
      }
    }
    const writers = Promise.all(['ada', 'ben', 'cleo', 'dora'].map(worker))
    for (let wave = 1; wave <= 5; wave++) {
      while (acknowledged.length < wave * 60) await new Promise(setImmediate)
      await db.database.owner.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and usename is not null and pid <> pg_backend_pid()`,
      )
    }
    await writers
    await database.close()
    assert.equal(acknowledged.length, 400)
    assert.ok(refused > 0, 'the waves struck')
    await assertInvariants(db.database, acknowledged)
  })
})
