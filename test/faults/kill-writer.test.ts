import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startChild } from '../support/child-process.ts'
import { freshDatabase } from '../support/database.ts'
import { type Fate, faultyWire } from '../support/faulty-wire.ts'
import { type Acknowledged, assertInvariants } from '../support/invariants.ts'

const program = new URL('./run-writer.ts', import.meta.url)

/** The moments of an append at which the process may die, and what the wire does then. */
const moments: Record<string, Fate> = {
  'before the server hears of it': 'unsent',
  'after the commit, before the answer': 'unanswered',
}

describe('a writer killed with -9', { concurrency: 2 }, () => {
  for (const [moment, fate] of Object.entries(moments)) {
    it(`${moment} and started again with its keys: every command takes effect exactly once`, async () => {
      await using db = await freshDatabase()
      await using wire = await faultyWire(db.url)
      const acknowledged: Acknowledged[] = []
      // The first append of a connection carries its text, a later one the name only; one or two events.
      for (const appends of [1, 3, 4]) {
        const next = acknowledged.length
        await using child = startChild(program, wire.url, 'ada', String(next))
        let left = appends
        wire.decide = (request) => (request.includes('nova_append') && --left === 0 ? fate : 'pass')
        wire.onCut = () => child.process.kill('SIGKILL')
        await assert.rejects(async () => {
          for (;;) acknowledged.push(await child.answer<Acknowledged>())
        }, /ended without an answer/)
        assert.equal(acknowledged.length, next + appends - 1)
      }
      wire.decide = () => 'pass'
      await using last = startChild(program, wire.url, 'ada', String(acknowledged.length), '3')
      for (let n = 0; n < 3; n++) acknowledged.push(await last.answer<Acknowledged>())
      await assertInvariants(db.database, acknowledged)
      const { rows } = await db.database.owner.query('select distinct data from nova.events')
      assert.equal(rows.length, 8 + 3)
    })
  }
})
