import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pino from 'pino'
import { compose } from '../../src/compose/compose.ts'
import { parseConfig } from '../../src/config.ts'
import { Refusal } from '../../src/errors.ts'
import { emptyDatabase, freshDatabase } from '../support/database.ts'
import { type FaultyWire, faultyWire } from '../support/faulty-wire.ts'
import { type NovaProcess, startNova } from '../support/nova-process.ts'
import { until } from '../support/until.ts'

const linkSecret = 'a key of the tests that opens nothing else'
const settings = (url: string) => ({ DATABASE_URL: url, NOVA_LINK_SECRET: linkSecret })

/** Cuts one connection, once: at the first request of that kind. */
function cutOnce(wire: FaultyWire, at: RegExp): { wasCut: () => boolean } {
  let cut = false
  wire.decide = (request) => {
    if (cut || !at.test(request)) return 'pass'
    cut = true
    return 'unsent'
  }
  return { wasCut: () => cut }
}

/** How it ended, or that it did not, however slow the machine. */
const endOf = (nova: NovaProcess) => {
  const { promise, resolve } = Promise.withResolvers<string>()
  const timer = setTimeout(resolve, 180_000, 'it neither serves nor ends')
  return Promise.race([nova.ended, promise]).finally(() => clearTimeout(timer))
}

describe('a start that loses one connection', { concurrency: true }, () => {
  const moments = {
    'while it makes partitions': /ensure_event_partitions/,
    'while the queue starts': /pgboss.{0,40}version/i,
    'while queues are made': /create_queue/,
    'while it begins to take jobs': /projection-tool_calls/,
    'while it schedules its housekeeping': /insert into pgboss\.schedule/i,
  }
  for (const [moment, request] of Object.entries(moments)) {
    it(`${moment}: ends with its reason`, async () => {
      await using db = await freshDatabase()
      await using wire = await faultyWire(db.url)
      const { wasCut } = cutOnce(wire, request)
      await using nova = startNova(['serve', '-p', '0'], settings(wire.url))
      assert.equal(await endOf(nova), 1, nova.output())
      assert.ok(wasCut())
      assert.match(nova.output(), /\[DATABASE_UNAVAILABLE\]/)
      assert.doesNotMatch(nova.output(), /bug in Nova/)
    })
  }

  it('leaves no connection open, whichever request it was', async () => {
    await using db = await freshDatabase()
    let requests = 0
    const start = async (cutAt: number) => {
      await using wire = await faultyWire(db.url)
      requests = 0
      wire.decide = () => (++requests === cutAt ? 'unsent' : 'pass')
      const parsed = parseConfig(settings(wire.url))
      assert.ok(parsed.ok)
      try {
        const nova = await compose(parsed.config, { log: pino({ level: 'silent' }) })
        await nova.close()
      } catch (error) {
        assert.ok(error instanceof Refusal, String(error))
        assert.equal(error.code, 'DATABASE_UNAVAILABLE')
      }
      await until(() => wire.open() === 0, 'every connection of the start to be closed')
      return requests
    }
    const whole = await start(0)
    for (let cutAt = 1; cutAt < whole; cutAt += 3) await start(cutAt)
  })
})

describe('a start that is asked to stop', { concurrency: true }, () => {
  it('stops while the database is silent', async () => {
    await using db = await freshDatabase()
    await using wire = await faultyWire(db.url)
    wire.decide = (request) => {
      if (/ensure_event_partitions/.test(request)) wire.blackHole()
      return 'pass'
    }
    await using nova = startNova(['serve', '-p', '0'], settings(wire.url))
    await until(() => wire.isSilent(), 'the start to come that far')
    nova.signal('SIGTERM')
    assert.notEqual(await endOf(nova), 'it neither serves nor ends')
  })

  it('stops while another process migrates', async () => {
    await using db = await emptyDatabase()
    const { owner } = db.database
    const gate = await owner.connect()
    await gate.query('begin; create schema nova')
    await using nova = startNova(['serve', '-p', '0'], settings(db.url))
    await until(async () => {
      const { rowCount } = await owner.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return rowCount !== 0
    }, 'the migration to wait for the other')
    nova.signal('SIGTERM')
    assert.notEqual(await endOf(nova), 'it neither serves nor ends')
    await gate.query('rollback')
    gate.release()
  })
})
