import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal } from '../../src/errors.ts'
import { LinkUsed } from '../../src/events/links/link-events.ts'
import { openDatabase } from '../../src/store/database/database.ts'
import { createPool } from '../../src/store/database/database-pools.ts'
import { asTenant } from '../../src/store/database/tenant.ts'
import { PostgresEventStore } from '../../src/store/events/postgres-event-store.ts'
import { StreamSignal } from '../../src/store/events/stream-signal.ts'
import { appendTo } from '../support/append-to.ts'
import { freshDatabase, settingsFor } from '../support/database.ts'
import { faultyWire } from '../support/faulty-wire.ts'
import { type Acknowledged, assertInvariants } from '../support/invariants.ts'
import { linkCommand } from './link-command.ts'

const unavailable = (error: unknown) =>
  error instanceof Refusal && error.code === 'DATABASE_UNAVAILABLE'

/** Gives a command until it is told what became of it; answers how often it was refused. */
async function persist(
  store: PostgresEventStore,
  { stream, events, options, mark }: ReturnType<typeof linkCommand>,
  acknowledged: Acknowledged[],
): Promise<number> {
  for (let refused = 0; ; refused++) {
    try {
      const { version, position } = await appendTo(store, stream, events.map(LinkUsed), options)
      acknowledged.push({ mark, version, position })
      return refused
    } catch (error) {
      assert.ok(unavailable(error), `a retryable refusal, and not ${error}`)
    }
  }
}

describe('the connection to PostgreSQL', { concurrency: 2 }, () => {
  it('cut in a tenth of 1,000 commands before and in a tenth after their commit: 0 are refused, lost or done twice', async () => {
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
    let refused = 0
    const worker = async () => {
      for (let n = next++; n < 1000; n = next++) {
        refused += await persist(store, linkCommand('ada', n), acknowledged)
      }
    }
    await Promise.all([worker(), worker(), worker(), worker()])
    await database.close()
    assert.equal(refused, 0, 'each was found or sent again')
    assert.equal(acknowledged.length, 1000)
    assert.ok(cuts.unsent >= 100 && cuts.unanswered >= 100)
    await assertInvariants(db.database, acknowledged)
    const { rows } = await db.database.owner.query<{ n: number }>(
      'select count(*)::int as n from nova.events',
    )
    assert.equal(rows[0]?.n, 1000 + 334)
  })

  it('swallowed by a black hole: statements whose time is over are looked up, and done once', async () => {
    await using db = await freshDatabase()
    await using wire = await faultyWire(db.url)
    const app = createPool(
      { connectionString: wire.url },
      { name: 'test', max: 4, role: 'nova_app', timeouts: { statement_timeout: 100 } },
    )
    const store = new PostgresEventStore(
      { app, projector: db.database.projector },
      new StreamSignal(),
    )
    const acknowledged: Acknowledged[] = []
    const writer = async (name: string) => {
      for (let n = 0; n < 60; n++) await persist(store, linkCommand(name, n), acknowledged)
    }
    const writers = Promise.all(['ada', 'ben', 'cleo', 'dora'].map(writer))
    while (acknowledged.length < 60) await new Promise(setImmediate)
    wire.blackHole()
    await writers
    assert.deepEqual(await asTenant(app, 'ada', 'select 1 as one', []), [{ one: 1 }])
    await app.end()
    assert.equal(acknowledged.length, 240)
    await assertInvariants(db.database, acknowledged)
  })

  it('all of whose connections are held: commands are refused for the silence, and retried they are done once', async () => {
    await using db = await freshDatabase()
    const database = await openDatabase({ ...settingsFor(db.url), NOVA_DB_POOL: 8 })
    const store = new PostgresEventStore(database, new StreamSignal())
    const acknowledged: Acknowledged[] = []
    await persist(store, linkCommand('ada', 0), acknowledged)
    const holders = await Promise.all(
      Array.from({ length: database.app.options.max ?? 0 }, () => database.app.connect()),
    )
    const { stream, events, options } = linkCommand('ada', 1)
    await assert.rejects(appendTo(store, stream, events.map(LinkUsed), options), (error) => {
      // A turn in the queue would end after five seconds, and say that the database is busy.
      assert.equal(String(error), 'Refusal: The database cannot be reached right now.')
      return unavailable(error)
    })
    const writers = Array.from({ length: 20 }, (_, n) =>
      persist(store, linkCommand('ada', n + 1), acknowledged),
    )
    for (const holder of holders) holder.release()
    await Promise.all(writers)
    await database.close()
    assert.equal(acknowledged.length, 21)
    await assertInvariants(db.database, acknowledged)
  })

  it('whose backends are all terminated again and again under writes: 0 acknowledged commands are lost', async () => {
    await using db = await freshDatabase()
    const database = await openDatabase(settingsFor(db.url))
    const store = new PostgresEventStore(database, new StreamSignal())
    const acknowledged: Acknowledged[] = []
    const worker = async (writer: string) => {
      for (let n = 0; n < 100; n++) await persist(store, linkCommand(writer, n), acknowledged)
    }
    let ended = 0
    const writers = Promise.all(['ada', 'ben', 'cleo', 'dora'].map(worker))
    for (let wave = 1; wave <= 5; wave++) {
      while (acknowledged.length < wave * 60) await new Promise(setImmediate)
      const struck = await db.database.owner.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and usename is not null and pid <> pg_backend_pid()`,
      )
      ended += struck.rowCount ?? 0
    }
    await writers
    await database.close()
    assert.equal(acknowledged.length, 400)
    assert.ok(ended > 0, 'the waves struck')
    await assertInvariants(db.database, acknowledged)
  })
})
