import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { assignPlan } from '../../../../src/commands/usage/assign-plan.ts'
import { limits } from '../../../support/limits.ts'
import { mcpWorld } from '../../../support/mcp-world.ts'
import { until } from '../../../support/until.ts'

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
      {
        ...limits({ callsPerMonth: 4, callsPerMinute: 3, concurrentOperations: 2 }),
        assignedBy: null,
      },
    )
    await ada.ok('list_articles')
    const usage = await ada.ok('account_usage')
    assert.deepEqual(
      [usage.used, usage.limit, usage.left, usage.calls_per_minute, usage.concurrent_operations],
      [2, 4, 2, 3, 2],
    )
    const { text } = await ada.call('account_usage')
    assert.match(text, /3 used of 4, 0 of them still running; left: 1/)
    const { refusal } = await ada.call('list_articles')
    assert.deepEqual([refusal.code, refusal.retryable], ['RATE_LIMITED', true])
  })

  it('counts a call whose refusal took the whole work', async () => {
    await using world = await mcpWorld({ limit: 3 })
    const ada = await world.connect('auto', 'ada')
    const guideline = Array.from({ length: 1001 }, (_, n) => `https://a.example/${n}\n`).join('\n')
    const { article_id } = await ada.ok('create_article', { guideline })
    const { refusal } = await ada.call('extract_guidelines_urls', { article_id })
    assert.equal(refusal.code, 'LINKS_TOO_MANY')
    const { used } = await ada.ok('account_usage')
    assert.equal(used, 3)
  })

  it('counts what the plan weighs a tool, and gives that back when nothing comes of a call', async () => {
    const { promise: open, resolve } = Promise.withResolvers<void>()
    const gone = (_request: unknown, response: ServerResponse) =>
      void open.then(() => response.writeHead(404).end())
    await using world = await mcpWorld({ routes: { '/gone': gone } })
    const ada = await world.connect('auto', 'ada')
    const tool = 'scrape_and_clean_other_urls'
    await assignPlan(
      world.nova.services,
      { userId: 'ada', metadata: { actor: 'cli' } },
      { ...limits({ callsPerMonth: 20, weights: { [tool]: 9 } }), assignedBy: null },
    )
    const guideline = '# Weights\n\nSee http://pages.example/gone'
    const { article_id } = await ada.ok('create_article', { guideline })
    await ada.ok('extract_guidelines_urls', { article_id })
    const begun = await ada.ok(tool, { article_id, wait_seconds: 0 })
    const during = await ada.ok('account_usage')
    assert.deepEqual(during.weights, [{ tool, weight: 9 }])
    assert.deepEqual([during.used, during.reserved, during.left], [12, 9, 8])
    resolve()
    const { operation_id } = begun
    const ended = await ada.ok('get_operation', { operation_id, wait_seconds: 50 })
    assert.equal(ended.status, 'failed')
    await until(
      async () => (await ada.ok('account_usage')).reserved === 0,
      'the reserved call to be settled',
    )
    const { tools, used } = await ada.ok('account_usage')
    const of = (tools as { tool: string; used: number; calls: number }[]).find(
      (row) => row.tool === tool,
    )
    assert.deepEqual([of?.calls, of?.used], [1, 0])
    assert.equal(
      used,
      (tools as { used: number }[]).reduce((sum, row) => sum + row.used, 0),
    )
  })
})
