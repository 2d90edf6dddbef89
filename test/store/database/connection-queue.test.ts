import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it } from 'node:test'
import { Refusal } from '../../../src/errors.ts'
import { openDatabase } from '../../../src/store/database/database.ts'
import { NoConnection, translateDatabaseError } from '../../../src/store/database/database-error.ts'
import { freshDatabase, settingsFor } from '../../support/database.ts'
import { faultyWire } from '../../support/faulty-wire.ts'
import { until } from '../../support/until.ts'

const noConnection = (reason: 'busy' | 'silent') => (error: unknown) =>
  error instanceof NoConnection && error.reason === reason

describe('the queue for connections', { concurrency: 3 }, () => {
  it('lets wait while the connections that others hold are heard, for five seconds', async () => {
    await using test = await freshDatabase()
    const { app } = test.database
    const held = await Promise.all(Array.from({ length: app.options.max }, () => app.connect()))
    const waiting = assert.rejects(app.connect(), noConnection('busy'))
    let isOver = false
    void waiting.finally(() => {
      isOver = true
    })
    while (!isOver) await held[0]?.query('select 1')
    await waiting
    for (const client of held) client.release()
  })

  it('refuses when nothing is heard', async () => {
    await using test = await freshDatabase()
    const { app } = test.database
    const held = await Promise.all(Array.from({ length: app.options.max }, () => app.connect()))
    await assert.rejects(app.connect(), noConnection('silent'))
    for (const client of held) client.release()
  })

  it('refuses when a server takes the connection and says nothing', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}).resume()).listen(
      0,
      '127.0.0.1',
    )
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const database = await openDatabase(settingsFor(`postgres://nova@127.0.0.1:${port}/nova`))
    await assert.rejects(database.app.query('select 1'), noConnection('silent'))
    await database.close()
    silent.close()
    await once(silent, 'close')
  })

  it('lets wait for a dial that takes as long as one took before', async () => {
    await using test = await freshDatabase()
    await using wire = await faultyWire(test.url)
    wire.dialMs = 900
    const database = await openDatabase(settingsFor(wire.url))
    const { app } = database
    await assert.rejects(app.connect(), noConnection('silent'))
    await until(() => app.idleCount === 1, 'the connection that was dialled')
    wire.dialMs = 1500
    const first = await app.connect()
    const second = await app.connect()
    first.release()
    second.release()
    await database.close()
  })

  it('refuses at once who comes when it is full, and says that the database is busy', async () => {
    await using test = await freshDatabase()
    const { app } = test.database
    const held = await Promise.all(Array.from({ length: app.options.max }, () => app.connect()))
    let settled = 0
    const waiting = Array.from({ length: 40 * app.options.max }, () =>
      app.query('select 1').finally(() => settled++),
    )
    await assert.rejects(app.query('select 1'), (error) => {
      const refusal = translateDatabaseError(error)
      assert.ok(refusal instanceof Refusal)
      assert.deepEqual(refusal.details, { reason: 'busy' })
      assert.match(refusal.message, /^More requests wait for the database/)
      return noConnection('busy')(error)
    })
    assert.equal(settled, 0, 'the others wait')
    for (const client of held) client.release()
    await Promise.all(waiting)
  })

  it('does not take a process that stood still for a database that is silent', async () => {
    await using test = await freshDatabase()
    const { app } = test.database
    const held = await Promise.all(Array.from({ length: app.options.max }, () => app.connect()))
    const waiting = app.query('select 1 as one')
    const answers = held.map((client) => client.query('select pg_sleep(0.2)'))
    await new Promise(setImmediate)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500)
    await Promise.all(answers)
    for (const client of held) client.release()
    assert.deepEqual((await waiting).rows, [{ one: 1 }])
  })

  it('keeps two connections open through a pause', async (t) => {
    await using test = await freshDatabase()
    const { app } = test.database
    const held = await Promise.all(Array.from({ length: app.options.max }, () => app.connect()))
    t.mock.timers.enable({ apis: ['setTimeout'] })
    for (const client of held) client.release()
    t.mock.timers.tick(3_600_000)
    t.mock.timers.reset()
    assert.deepEqual([app.totalCount, app.idleCount], [2, 2])
    assert.deepEqual((await app.query('select 1 as one')).rows, [{ one: 1 }])
  })
})
