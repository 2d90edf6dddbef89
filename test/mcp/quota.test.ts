import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assignPlan } from '../../src/commands/assign-plan.ts'
import { mcpWorld } from '../support/mcp-world.ts'

describe('the quota', () => {
  it('lets exactly as many of many parallel calls through as are left', async () => {
    const limit = 5
    await using world = await mcpWorld({ limit })
    const clients = await Promise.all(
      (['2025', 'auto', '2026-07-28'] as const).map((kind) => world.connect(kind)),
    )
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, i) => clients[i % clients.length]?.call('list_articles')),
    )
    const through = answers.filter((answer) => answer && !answer.isError)
    assert.equal(through.length, limit)
    for (const answer of answers) {
      if (!answer?.isError) continue
      assert.equal(answer.refusal.code, 'QUOTA_EXCEEDED')
      const details = answer.refusal.details as Record<string, unknown>
      assert.deepEqual([details.used, details.limit], [limit, limit])
      assert.match(String(details.resets_at), /^\d{4}-\d{2}-01T00:00:00.000Z$/)
    }
  })

  it('is of one user and not of another', async () => {
    await using world = await mcpWorld({ limit: 1 })
    const ada = await world.connect('auto', 'ada')
    const bob = await world.connect('auto', 'bob')
    await ada.ok('list_articles')
    assert.equal((await ada.call('list_articles')).refusal.code, 'QUOTA_EXCEEDED')
    await bob.ok('list_articles')
  })

  it('is the one of the user’s plan, and account_usage tells all of it', async () => {
    await using world = await mcpWorld({ limit: 1 })
    const ada = await world.connect('auto', 'ada')
    await assignPlan(
      world.nova.services,
      { userId: 'ada', metadata: { actor: 'cli' } },
      { callsPerMonth: 4, callsPerMinute: 3, concurrentOperations: 2, assignedBy: null },
    )
    await ada.ok('list_articles')
    const usage = await ada.ok('account_usage')
    assert.deepEqual(
      [usage.used, usage.limit, usage.left, usage.calls_per_minute, usage.concurrent_operations],
      [2, 4, 2, 3, 2],
    )
    const { text } = await ada.call('account_usage')
    assert.match(text, /3 calls used of 4, \d of them still running; left: 1/)
    const { refusal } = await ada.call('list_articles')
    assert.deepEqual([refusal.code, refusal.retryable], ['RATE_LIMITED', true])
  })
})
