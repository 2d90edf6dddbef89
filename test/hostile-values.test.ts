import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startTestApp } from './support/app.ts'
import { mcpWorld } from './support/mcp-world.ts'

const id = '00000000-0000-4000-8000-000000000000'
const encoded = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url')

/** Places in a list that a schema of times and ids may take and a database may not. */
const times = [
  '0000-01-01T00:00:00Z',
  '0000-12-31T23:59:59.999Z',
  '-0001-01-01T00:00:00Z',
  'infinity',
  '\0',
  0,
]
const cursors = [
  ...times.flatMap((time) => [encoded([time, id]), encoded({ createdAt: time, articleId: id })]),
  encoded(['2026-01-01T00:00:00Z', '\0']),
  encoded({ createdAt: '2026-01-01T00:00:00Z', articleId: `${id}\0` }),
  encoded(null),
  'AAAA',
  '%',
]

describe('values that no honest client sends', { concurrency: true }, () => {
  it('are refused by tools: places, months and ids', async () => {
    await using world = await mcpWorld()
    const { call } = await world.connect('auto', 'ada', ['nova:read', 'nova:write', 'nova:admin'])
    for (const cursor of cursors) {
      const { refusal } = await call('list_articles', { cursor })
      assert.equal(refusal.code, 'CURSOR_INVALID', cursor)
    }
    for (const tool of ['account_usage', 'read_analytics']) {
      assert.equal((await call(tool, { month: '0000-01' })).refusal.code, 'ARGUMENT_INVALID')
    }
    for (const operation_id of ['\0', 'a\0b', '\ud800']) {
      const { refusal } = await call('get_operation', { operation_id })
      assert.equal(refusal.code, 'ARGUMENT_INVALID')
    }
  })

  it('are refused by addresses: places and months', async () => {
    await using test = await startTestApp()
    for (const cursor of cursors) {
      const url = `/articles?cursor=${encodeURIComponent(cursor)}`
      const answer = await test.app.inject({ url })
      assert.equal(answer.json().error.code, 'CURSOR_INVALID', cursor)
    }
    assert.equal((await test.app.inject({ url: '/analytics?month=0000-01' })).statusCode, 400)
  })
})
