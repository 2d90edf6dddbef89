import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { handle } from '../../src/commands/handle.ts'
import { type LinkEvent, LinkUsed, linkStream } from '../../src/events/links/link-events.ts'
import type { EventStore } from '../../src/store/events/event-store.ts'
import { appendTo } from '../support/append-to.ts'
import { caller, commandWorld } from '../support/command-world.ts'

describe('a command', () => {
  it('gets its turn also when thirty others change the same stream at once', async () => {
    await using w = await commandWorld()
    const used = LinkUsed({ link_id: 'link1', used_at: w.clock.now.toISOString() })
    const decided = await Promise.all(
      Array.from({ length: 31 }, () =>
        handle<number, LinkEvent>(w.deps, caller('ada'), {
          streamId: linkStream('link1'),
          initial: 0,
          evolve: (count) => count + 1,
          decide: () => [used],
        }),
      ),
    )
    assert.deepEqual(
      decided.map(({ state }) => state).toSorted((a, b) => a - b),
      Array.from({ length: 31 }, (_, n) => n + 1),
    )
  })

  it('gives up after a dozen lost turns, and says so', async () => {
    await using w = await commandWorld()
    const ada = caller('ada')
    const stream = { userId: 'ada', streamId: linkStream('link1') }
    const used = LinkUsed({ link_id: 'link1', used_at: w.clock.now.toISOString() })
    // Another comes first each time.
    const append: EventStore['append'] = async (...given) => {
      const options = { expectedVersion: 'any' as const, metadata: ada.metadata }
      await appendTo(w.deps.store, stream, [used], options)
      return w.deps.store.append(...given)
    }
    const read: EventStore['read'] = (...given) => w.deps.store.read(...given)
    const store: EventStore = { ...w.deps.store, read, append }
    const lost = handle<number, LinkEvent>({ store }, ada, {
      streamId: stream.streamId,
      initial: 0,
      evolve: (count) => count + 1,
      decide: () => [used],
    })
    await assert.rejects(lost, { code: 'CONCURRENT_CHANGE', retryable: true })
    assert.equal((await w.deps.store.read(stream)).length, 12)
  })
})
