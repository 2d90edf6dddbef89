import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ToolCalled, usageStream } from '../../../src/events/usage/usage-events.ts'
import { usageProjection } from '../../../src/projections/usage/usage.ts'
import { drainProjection } from '../../../src/store/projections/projection-step.ts'
import { appendTo } from '../../support/append-to.ts'
import { commandWorld } from '../../support/command-world.ts'

const stream = { userId: 'ada', streamId: usageStream('ada', '2026-05') }
const called = (n: number) =>
  ToolCalled({
    call_id: `call${n}`,
    tool: 'get_article',
    article_id: null,
    weight: 1,
    called_at: '2026-05-01T00:00:00.000Z',
  })

/** Pages that it takes to find the tail of three behind so many folded events of one stream. */
async function pagesBehind(folded: number): Promise<number> {
  await using w = await commandWorld()
  const append = (count: number) =>
    appendTo(
      w.deps.store,
      stream,
      Array.from({ length: count }, (_, n) => called(n)),
      {
        expectedVersion: 'any',
        metadata: { actor: 'user' },
      },
    )
  await append(folded)
  await drainProjection(w.database.projector, usageProjection)
  await w.database.owner.query('vacuum analyze nova.events')
  await append(3)
  const client = await w.database.app.connect()
  try {
    await client.query(`begin; select set_config('app.user_id', 'ada', true)`)
    let plan: { 'Actual Rows'?: number; 'Shared Hit Blocks'?: number } = {}
    // The first times fill the caches of the connection.
    for (let n = 0; n < 3; n++) {
      const { rows } = await client.query(
        `explain (analyze, buffers, format json)
         select * from nova.unseen('usage', 'ada', '${stream.streamId}', '2026-05-01')`,
      )
      plan = rows[0]['QUERY PLAN'][0].Plan
    }
    await client.query('rollback')
    assert.equal(plan['Actual Rows'], 3)
    return plan['Shared Hit Blocks'] ?? assert.fail()
  } finally {
    client.release()
  }
}

describe('what a projection has not seen of a stream', () => {
  it('costs the same whatever the stream holds', async () => {
    const [few, many] = [await pagesBehind(300), await pagesBehind(6000)]
    assert.ok(few > 0)
    assert.ok(many <= few + 10, `${many} pages behind 6,000 events, ${few} behind 300`)
  })
})
