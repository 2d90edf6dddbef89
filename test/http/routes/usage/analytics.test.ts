import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { grantAnalyticsLink } from '../../../../src/commands/links/analytics-link.ts'
import {
  ToolCalled,
  ToolCallSettled,
  usageMonth,
  usageStream,
} from '../../../../src/events/usage/usage-events.ts'
import { callerNamed, startTestApp, type TestApp } from '../../../support/app.ts'
import { appendTo } from '../../../support/append-to.ts'
import { startIssuer } from '../../../support/issuer.ts'

const hostile = '<script>alert(1)</script>'

async function call(test: TestApp, userId: string, n: number): Promise<void> {
  const now = test.clock.now
  const at = now.toISOString()
  const one = { call_id: `${n}`, tool: 'get_article' }
  await appendTo(
    test.deps.store,
    { userId, streamId: usageStream(userId, usageMonth(now)) },
    [
      ToolCalled({ ...one, article_id: null, weight: 1, called_at: at }),
      ToolCallSettled({
        ...one,
        outcome: 'completed',
        code: null,
        items_ok: 1,
        items_failed: 0,
        duration_ms: 30 + n,
        cost_usd: null,
        settled_at: at,
      }),
    ],
    { expectedVersion: 'any', metadata: { actor: 'agent' } },
  )
}

describe('analytics', () => {
  it('are numbers for programs and plots for people', async () => {
    await using test = await startTestApp({ MONTHLY_TOOL_CALL_LIMIT: '5' })
    for (let n = 0; n < 4; n++) await call(test, 'ann', n)
    await call(test, hostile, 9)
    await test.project()
    const data = (await test.app.inject('/analytics')).json()
    assert.equal(data.month, usageMonth(test.clock.now))
    assert.deepEqual(data.near_limit, [{ user_id: 'ann', used: 4, calls_per_month: 5, share: 0.8 }])
    assert.deepEqual(
      [data.tools[0].tool, data.tools[0].calls, data.tools[0].users, data.tools[0].p50_ms],
      ['get_article', 5, 2, 32],
    )
    const page = await test.app.inject({ url: '/analytics', headers: { accept: 'text/html' } })
    assert.match(String(page.headers['content-type']), /^text\/html/)
    assert.match(page.body, /<svg [^>]*role="img"/)
    assert.match(page.body, /4 of 5 \(80 %\)/)
    assert.ok(!page.body.includes('<script>') && page.body.includes('&#60;script&#62;'))
    assert.ok(!/ style=/.test(page.body), 'the policy takes no inline style')
    const empty = await test.app.inject('/analytics?month=2020-01')
    assert.deepEqual([empty.json().users, empty.json().tools], [[], []])
    assert.equal((await test.app.inject('/analytics?month=2020-13')).statusCode, 400)
  })

  it('are a page behind a link, for a browser, until the link expires', async () => {
    const serverUrl = 'https://nova.example'
    await using issuer = await startIssuer(`${serverUrl}/mcp`)
    await using test = await startTestApp(
      { NOVA_AUTH_ISSUER: issuer.url, SERVER_URL: serverUrl },
      { clock: issuer.clock },
    )
    await call(test, 'ann', 1)
    await test.project()
    const { url } = await grantAnalyticsLink(test.deps, callerNamed('root'))
    const get = (path: string) =>
      test.app.inject({ url: path, headers: { host: 'nova.example', accept: 'text/html' } })
    const { pathname } = new URL(url)
    const page = await get(pathname)
    assert.equal(page.statusCode, 200)
    assert.match(page.body, />ann</)
    assert.match(
      String(page.headers['content-security-policy']),
      /^default-src 'none'; script-src 'self'/,
    )
    assert.equal(page.headers['referrer-policy'], 'no-referrer')
    assert.equal(page.headers['cache-control'], 'no-store')
    assert.match((await get(`${pathname}?month=2020-01`)).body, /Usage in 2020-01/)
    assert.ok(!test.log.join().includes(pathname.slice(-40)), 'no log has the link')
    assert.equal((await get('/analytics')).statusCode, 401)
    const watch = await test.link('watch', await test.article())
    assert.equal((await get(watch.replace('/watch/', '/analytics/'))).statusCode, 404)
    assert.equal((await get(pathname.replace('/analytics/', '/watch/'))).statusCode, 404)
    test.clock.now = new Date(test.clock.now.getTime() + 16 * 60_000)
    assert.equal((await get(pathname)).statusCode, 410)
  })

  it('are for administrators only', async () => {
    const serverUrl = 'https://nova.example'
    await using issuer = await startIssuer(`${serverUrl}/mcp`)
    await using test = await startTestApp(
      { NOVA_AUTH_ISSUER: issuer.url, SERVER_URL: serverUrl },
      { clock: issuer.clock },
    )
    const get = (token: string) =>
      test.app.inject({
        url: '/analytics',
        headers: { host: 'nova.example', authorization: `Bearer ${token}` },
      })
    assert.equal((await get(await issuer.token())).json().error.code, 'SCOPE_MISSING')
    assert.equal((await get(await issuer.token({ scope: 'nova:admin' }))).statusCode, 200)
  })
})
