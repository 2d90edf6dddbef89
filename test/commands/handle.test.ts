import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { handle } from '../../src/commands/handle.ts'
import { type LinkEvent, LinkUsed, linkStream } from '../../src/events/link-events.ts'
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
})
