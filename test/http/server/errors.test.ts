import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refusal, type RefusalCode } from '../../../src/errors.ts'
import { retryAfterSeconds } from '../../../src/http/server/refusal-status.ts'
import { startTestApp } from '../../support/app.ts'
import { freshDatabase } from '../../support/database.ts'

const secret = 'a detail that only the log may have'
const broken = async (): Promise<never> => {
  throw new Error(secret)
}

describe('500 for a bug', () => {
  it('answers with an id and nothing else, and logs the rest under it', async () => {
    await using test = await startTestApp({}, { ready: broken })
    const answer = await test.app.inject('/readyz')
    assert.equal(answer.statusCode, 500)
    const { request_id, ...error } = answer.json().error
    assert.deepEqual(error, {
      code: 'INTERNAL',
      message: 'Something went wrong on our side.',
      retryable: false,
    })
    assert.equal(answer.headers['x-request-id'], request_id)
    const logged = test.log.find((line) => line.includes(secret))
    assert.ok(logged?.includes(request_id))
  })

  it('shows a browser a page without the cause', async () => {
    await using test = await startTestApp({}, { ready: broken })
    const headers = { accept: 'text/html' }
    const answer = await test.app.inject({ url: '/readyz', headers })
    assert.match(answer.body, /Something went wrong/)
    assert.doesNotMatch(answer.body, /only the log|\.ts:/)
  })

  it('reaches an MCP client in the same form', async () => {
    await using test = await startTestApp({}, { mcp: broken })
    const answer = await test.app.inject({ method: 'POST', url: '/mcp', payload: {} })
    assert.equal(answer.statusCode, 500)
    assert.equal(answer.json().jsonrpc, '2.0')
    assert.equal(answer.json().error.code, -32_603)
    assert.equal(answer.json().error.data.code, 'INTERNAL')
  })
})

describe('503', () => {
  it('while the server is not ready', async () => {
    const checks = [{ name: 'database', ok: false, detail: 'not reachable' }]
    const ready = async () => ({ ok: false, degraded: false, checks })
    await using test = await startTestApp({}, { ready })
    const answer = await test.app.inject('/readyz')
    assert.equal(answer.statusCode, 503)
    assert.deepEqual(answer.json().checks, checks)
    assert.equal((await test.app.inject('/healthz')).statusCode, 200)
  })

  it('tells who comes to a database with too many waiting that it is busy, and when to come back', async () => {
    const db = await freshDatabase()
    await using test = await startTestApp({}, { db })
    const { app: pool } = db.database
    const held = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()))
    const waiting = Array.from({ length: 40 * pool.options.max }, () => pool.query('select 1'))
    const ended = Promise.allSettled(waiting)
    const answer = await test.app.inject('/articles')
    assert.equal(answer.statusCode, 503)
    const { code, message } = answer.json().error
    assert.equal(code, 'DATABASE_UNAVAILABLE')
    assert.match(message, /^More requests wait for the database than it can serve/)
    assert.equal(answer.headers['retry-after'], '5')
    for (const client of held) client.release()
    await ended
    assert.equal((await test.app.inject('/articles')).statusCode, 200)
  })

  it('says when to try again', () => {
    const now = new Date('2026-12-31T23:59:00.000Z')
    const after = (code: RefusalCode, details = {}) =>
      retryAfterSeconds(new Refusal(code, details), now)
    assert.equal(after('DATABASE_UNAVAILABLE'), 5)
    assert.equal(after('CONCURRENT_CHANGE'), 1)
    assert.equal(after('QUOTA_EXCEEDED', { resets_at: '2027-01-01T00:00:00.000Z' }), 60)
    assert.equal(after('RATE_LIMITED', { retry_after: 0.2 }), 1)
    assert.equal(after('ARTICLE_NOT_FOUND'), null)
  })
})

describe('POST /mcp', () => {
  it('passes the body and who is asking, and nothing of the query counts', async () => {
    const seen: unknown[] = []
    await using test = await startTestApp(
      {},
      {
        mcp: async (request, response, body, identity) => {
          seen.push(request.method, body, identity.userId, [...identity.scopes])
          response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
        },
      },
    )
    const answer = await test.app.inject({
      method: 'POST',
      url: '/mcp?user_id=ann',
      payload: { jsonrpc: '2.0' },
    })
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.headers['x-content-type-options'], 'nosniff')
    const scopes = ['nova:read', 'nova:write', 'nova:admin']
    assert.deepEqual(seen, ['POST', { jsonrpc: '2.0' }, 'local', scopes])
  })

  it('refuses bodies over 4 MiB', async () => {
    await using test = await startTestApp()
    const payload = { text: 'x'.repeat(4 * 1024 * 1024) }
    const answer = await test.app.inject({ method: 'POST', url: '/mcp', payload })
    assert.equal(answer.statusCode, 413)
  })
})
