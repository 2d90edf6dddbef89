import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { projections } from '../../src/projections/registry.ts'
import { verifyEvents } from '../../src/store/archives/verify-events.ts'
import { drainProjection } from '../../src/store/projections/projection-step.ts'
import { commandWorld } from '../support/command-world.ts'
import { type Fate, faultyWire } from '../support/faulty-wire.ts'
import { assertInvariants } from '../support/invariants.ts'
import { startNova } from '../support/nova-process.ts'
import { appendOldArticle } from '../support/old-articles.ts'
import { rowsOf } from '../support/projection-rows.ts'

const month = '2025-11'
const file = `nova-events-${month}.jsonl.gz`

/** The statements of each way, by what the wire sees of them. Each is a moment before and one after. */
const ways = {
  out: {
    'the reading of the month': 'declare everything',
    'the taking out': 'nova.take_out_month',
    'the commit': 'commit\0',
  },
  back: {
    'the loading of the events': 'json_to_record',
    'the swap': 'nova.bring_back_month',
    'the commit': 'commit\0',
  },
}
const fates: Record<string, Fate> = { before: 'unsent', after: 'unanswered' }

/** Closed articles of an old month. */
async function world() {
  const w = await commandWorld()
  const folder = await mkdtemp(join(tmpdir(), 'nova-archive-'))
  for (const userId of ['ada', 'eve']) await appendOldArticle(w, userId, [month])
  for (const projection of projections) await drainProjection(w.database.projector, projection)
  const args = {
    out: ['events', 'archive', folder, '--before', '2026-02', '--all'],
    back: ['events', 'attach', join(folder, file)],
  }
  return {
    ...w,
    start: (way: keyof typeof ways, url = w.url) => startNova(args[way], { DATABASE_URL: url }),
    events: () => rowsOf(w.database, 'events'),
    async archives() {
      const { archives, problems } = await verifyEvents(w.database.owner)
      assert.deepEqual(problems, [])
      return archives.length
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true })
      await w[Symbol.asyncDispose]()
    },
  }
}

describe('archiving killed with -9', { concurrency: 2 }, () => {
  for (const way of ['out', 'back'] as const) {
    for (const [statement, text] of Object.entries(ways[way])) {
      for (const [when, fate] of Object.entries(fates)) {
        it(`on the way ${way}, right ${when} ${statement}: the month is in or out, and the next run ends it`, async () => {
          await using w = await world()
          const all = await w.events()
          if (way === 'back') {
            await using done = w.start('out')
            assert.equal(await done.ended, 0, done.output())
          }
          await using wire = await faultyWire(w.url)
          let begun = false
          wire.decide = (request) => {
            // The commit of the transaction that moves the month.
            begun ||= /take_out_month|bring_back_month/.test(request)
            const isIt = request.includes(text) && (begun || text !== ways.out['the commit'])
            return isIt ? fate : 'pass'
          }
          await using killed = w.start(way, wire.url)
          wire.onCut = () => killed.signal('SIGKILL')
          assert.equal(await killed.ended, 'SIGKILL', killed.output())
          const found = await w.events()
          const isOut = (await w.archives()) > 0
          assert.equal(found.length, isOut ? 0 : all.length)
          if (!isOut) assert.deepEqual(found, all)

          if (isOut === (way === 'back')) {
            await using again = w.start(way)
            assert.equal(await again.ended, 0, again.output())
          }
          if (way === 'out') {
            await using back = w.start('back')
            assert.equal(await back.ended, 0, back.output())
          }
          assert.deepEqual(await w.events(), all)
          assert.equal(await w.archives(), 0)
          await assertInvariants(w.database)
        })
      }
    }
  }
})
