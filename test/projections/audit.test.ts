import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { articleEvents } from '../../src/events/articles/article-events.ts'
import { eventRegistry } from '../../src/events/registry.ts'
import { usageStream } from '../../src/events/usage/usage-events.ts'
import { auditProjection } from '../../src/projections/audit.ts'
import { drainProjection } from '../../src/store/projections/projection-step.ts'
import { appendTo } from '../support/append-to.ts'
import { commandWorld } from '../support/command-world.ts'
import { eventSamples } from '../support/event-samples.ts'

const metadata = { actor: 'agent', correlation_id: 'call1', client: 'a client' } as const

async function worldWithEveryEvent() {
  const w = await commandWorld()
  for (const [n, event] of eventSamples.entries()) {
    const isArticles = articleEvents.some(({ type }) => type === event.type)
    const other = event.type.startsWith('Tool') ? usageStream('ada', '2026-05') : `other-${n}`
    const streamId = isArticles ? 'article-0b7e1c1e-3f0e-4c57-9f3a-0d9f6a1f6c11' : other
    await appendTo(w.deps.store, { userId: 'ada', streamId }, [event], {
      expectedVersion: 'any',
      metadata,
    })
  }
  await drainProjection(w.database.projector, auditProjection)
  return w
}

interface AuditRow {
  type: string
  article_id: string | null
  call_id: string | null
  client: string | null
  summary: string
}

/** As a user's own role sees it. */
const auditOf = (w: Awaited<ReturnType<typeof commandWorld>>, userId: string) =>
  w.reader.query<AuditRow>(userId, 'select * from nova.audit where user_id = $1', [userId])

describe('audit', { concurrency: true }, () => {
  it('has a sentence for every event type there is, refusals included', async () => {
    await using w = await worldWithEveryEvent()
    const rows = await auditOf(w, 'ada')
    assert.deepEqual(new Set(rows.map(({ type }) => type)), new Set(eventRegistry.keys()))
    const wordless = rows.filter(({ type, summary }) => summary === type || summary === '')
    assert.deepEqual(wordless, [])
    const refused = rows.find(({ type }) => type === 'ToolCallRefused')
    assert.equal(refused?.summary, 'get_article refused: 98 of 100 calls used this month')
    assert.equal(refused?.client, 'a client')
    assert.equal(refused?.call_id, 'call1')
    const read = rows.find(({ type }) => type === 'SourceScraped')
    assert.equal(read?.article_id, '0b7e1c1e-3f0e-4c57-9f3a-0d9f6a1f6c11')
  })

  it('shows a user nothing of another', async () => {
    await using w = await worldWithEveryEvent()
    assert.deepEqual(await auditOf(w, 'eve'), [])
    assert.equal((await auditOf(w, 'ada')).length, eventSamples.length)
  })
})
