import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { usageMonth, usageStream } from '../../../../src/events/usage/usage-events.ts'
import { clientKinds } from '../../../support/mcp-clients.ts'
import { headersFor, mcpWorld } from '../../../support/mcp-world.ts'
import { until } from '../../../support/until.ts'

const admin = ['nova:read', 'nova:write', 'nova:admin'] as const

describe('the tools of administrators', () => {
  it('change a plan from the next call on, and leave what is not named as it is', async () => {
    await using world = await mcpWorld({ limit: 50 })
    const root = await world.connect('auto', 'root', [...admin])
    const ann = await world.connect('auto', 'ann')
    const shown = await root.ok('assign_plan', { user_id: 'ann' })
    assert.deepEqual([shown.calls_per_month, shown.assigned], [50, false])
    const weights = [{ tool: 'list_articles', weight: 4 }]
    await root.ok('assign_plan', { user_id: 'ann', calls_per_month: 10, weights })
    const changed = await root.ok('assign_plan', {
      user_id: 'ann',
      concurrent_operations: 2,
      weights: [{ tool: 'get_article', weight: 2 }],
    })
    assert.deepEqual(changed, {
      user_id: 'ann',
      calls_per_month: 10,
      calls_per_minute: 0,
      concurrent_operations: 2,
      weights: [{ tool: 'get_article', weight: 2 }, ...weights],
      assigned: true,
      next_step: changed.next_step,
    })
    await ann.ok('list_articles')
    await ann.ok('list_articles')
    const { refusal } = await ann.call('list_articles')
    assert.deepEqual([refusal.code, Object(refusal.details).weight], ['QUOTA_EXCEEDED', 4])
    const usage = await ann.ok('account_usage')
    assert.deepEqual([usage.used, usage.left], [9, 1])
    const [event] = await world.nova.services.store.read({ userId: 'ann', streamId: 'user-ann' })
    assert.equal(Object(event?.data).assigned_by, 'root')
  })

  it('refuse a tool that there is not and limits out of bounds, and change nothing', async () => {
    await using world = await mcpWorld()
    const root = await world.connect('auto', 'root', [...admin])
    const code = async (args: object) => (await root.call('assign_plan', args)).refusal.code
    const weights = [{ tool: 'list_artikles', weight: 4 }]
    assert.equal(await code({ user_id: 'ann', weights }), 'TOOL_UNKNOWN')
    assert.equal(await code({ user_id: 'a\nb', calls_per_month: 1 }), 'ARGUMENT_INVALID')
    assert.equal(await code({ user_id: 'ann', calls_per_minute: -1 }), 'ARGUMENT_INVALID')
    assert.equal((await root.ok('assign_plan', { user_id: 'ann' })).assigned, false)
  })

  it('are on record and count nothing, also for who has used up everything', async () => {
    await using world = await mcpWorld({ limit: 1 })
    const root = await world.connect('auto', 'root', [...admin])
    await root.ok('list_articles')
    assert.equal((await root.call('list_articles')).refusal.code, 'QUOTA_EXCEEDED')
    await root.ok('read_analytics')
    await root.ok('assign_plan', { user_id: 'root', calls_per_month: 3 })
    assert.equal((await root.ok('account_usage')).used, 2)
    const stream = { userId: 'root', streamId: usageStream('root', usageMonth(new Date())) }
    const called = (await world.nova.services.store.read(stream))
      .filter(({ type }) => type === 'ToolCalled')
      .map(({ data }) => [Object(data).tool, Object(data).weight])
    assert.deepEqual(called, [
      ['list_articles', 1],
      ['read_analytics', 0],
      ['assign_plan', 0],
      ['account_usage', 1],
    ])
  })

  it('give a link to a page when asked for one', async () => {
    await using world = await mcpWorld()
    const root = await world.connect('auto', 'root', [...admin])
    assert.equal((await root.ok('read_analytics')).page, null)
    const { page } = await root.ok('read_analytics', { month: '2026-05', page_link: true })
    assert.match(Object(page).url, /^http:\/\/127\.0\.0\.1:8000\/analytics\/.+\?month=2026-05$/)
  })

  it('count over all users, as the resource does', async () => {
    await using world = await mcpWorld({ limit: 5 })
    for (const user of ['ann', 'bob']) {
      const { ok } = await world.connect('auto', user)
      for (let n = 0; n < 4; n++) await ok('list_articles')
    }
    for (const kind of clientKinds) {
      const root = await world.connect(kind, 'root', [...admin])
      const near_limit = async () => (await root.ok('read_analytics')).near_limit as object[]
      await until(async () => (await near_limit()).length === 2, 'two users near their limit')
      const told = await root.ok('read_analytics')
      const near = { used: 4, calls_per_month: 5, share: 0.8 }
      assert.deepEqual(told.near_limit, [
        { user_id: 'ann', ...near },
        { user_id: 'bob', ...near },
      ])
      const { text } = await root.call('read_analytics')
      assert.match(text, /"ann": 4 of 5/)
      const { contents } = await root.client.readResource({ uri: 'nova://admin/analytics' })
      const [content] = contents
      const read = JSON.parse(content && 'text' in content ? String(content.text) : '')
      assert.deepEqual(read.near_limit, told.near_limit)
      const past = await root.ok('read_analytics', { month: '2020-01' })
      assert.deepEqual([past.users, past.tools], [[], []])
    }
  })
})

describe('what is for administrators', () => {
  it('is not listed for others, and answers their request with the challenge for its scope', async () => {
    await using world = await mcpWorld()
    const requests = [
      { method: 'tools/call', params: { name: 'assign_plan', arguments: { user_id: 'ann' } } },
      { method: 'tools/call', params: { name: 'read_analytics', arguments: {} } },
      { method: 'resources/read', params: { uri: 'nova://admin/analytics' } },
    ]
    for (const kind of clientKinds) {
      const ann = await world.connect(kind, 'ann')
      const names = (await ann.client.listTools()).tools.map(({ name }) => name)
      const uris = (await ann.client.listResources()).resources.map(({ uri }) => uri)
      for (const { params } of requests) {
        assert.ok(!names.includes(params.name ?? '') && !uris.includes(params.uri ?? ''))
      }
      await assert.rejects(ann.call('assign_plan', { user_id: 'ann' }), /scope|403|forbidden/i)
    }
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    }
    for (const request of requests) {
      const response = await fetch(world.url, {
        method: 'POST',
        headers: { ...headersFor('ann'), ...headers },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...request }),
      })
      assert.equal(response.status, 403)
      const challenge = response.headers.get('www-authenticate') ?? ''
      assert.match(challenge, /insufficient_scope/)
      assert.match(challenge, /scope="nova:admin"/)
    }
    const root = await world.connect('auto', 'root', [...admin])
    assert.equal((await root.ok('assign_plan', { user_id: 'ann' })).assigned, false)
    assert.ok(
      (await root.client.listResources()).resources.some(
        ({ uri }) => uri === 'nova://admin/analytics',
      ),
    )
  })
})
