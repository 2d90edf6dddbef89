import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startTestApp, type TestApp } from '../../../support/app.ts'
import { startIssuer, type TestIssuer } from '../../../support/issuer.ts'

const serverUrl = 'https://nova.example'

const startWith = (issuer: TestIssuer) =>
  startTestApp(
    {
      NOVA_AUTH_ISSUER: issuer.url,
      SERVER_URL: serverUrl,
      MONTHLY_TOOL_CALL_LIMIT: '7',
    },
    { clock: issuer.clock },
  )

const ask = (test: TestApp, token: string, method: 'GET' | 'PUT', url: string, payload?: object) =>
  test.app.inject({
    method,
    url,
    headers: { host: 'nova.example', authorization: `Bearer ${token}` },
    ...(payload && { payload }),
  })

const limits = {
  calls_per_month: 50,
  calls_per_minute: 5,
  concurrent_operations: 2,
  weights: { run_perplexity_research: 5 },
}

describe('plans', () => {
  it('are assigned by an administrator, on record, and told to the user', async () => {
    await using issuer = await startIssuer(`${serverUrl}/mcp`)
    await using test = await startWith(issuer)
    const admin = await issuer.token({ sub: 'root', scope: 'nova:admin' })
    const before = await ask(test, admin, 'GET', '/plans/ann')
    assert.deepEqual(before.json(), {
      user_id: 'ann',
      calls_per_month: 7,
      calls_per_minute: 120,
      concurrent_operations: 6,
      weights: {},
      assigned: false,
    })
    const put = await ask(test, admin, 'PUT', '/plans/ann', limits)
    assert.deepEqual(put.json(), { user_id: 'ann', ...limits, assigned: true })
    const usage = (await ask(test, await issuer.token({ sub: 'ann' }), 'GET', '/usage')).json()
    assert.deepEqual(
      [usage.limit, usage.left, usage.calls_per_minute, usage.concurrent_operations],
      [50, 50, 5, 2],
    )
    assert.deepEqual(usage.weights, limits.weights)
    const [event] = await test.deps.store.read({ userId: 'ann', streamId: 'user-ann' })
    assert.deepEqual(event?.data, {
      ...limits,
      assigned_by: 'root',
      assigned_at: test.clock.now.toISOString(),
    })
    const other = await ask(test, await issuer.token({ sub: 'bob' }), 'GET', '/usage')
    assert.deepEqual([other.json().limit, other.json().calls_per_minute], [7, 120])
    const plain = { calls_per_month: 1, calls_per_minute: 0, concurrent_operations: 0 }
    assert.deepEqual((await ask(test, admin, 'PUT', '/plans/ann', plain)).json().weights, {})
  })

  it('are nothing a user may see or set, not even their own', async () => {
    await using issuer = await startIssuer(`${serverUrl}/mcp`)
    await using test = await startWith(issuer)
    const ann = await issuer.token({ sub: 'ann', scope: 'nova:read nova:write' })
    for (const answer of [
      await ask(test, ann, 'GET', '/plans/ann'),
      await ask(test, ann, 'PUT', '/plans/ann', limits),
    ]) {
      assert.equal(answer.statusCode, 403)
      assert.equal(answer.json().error.code, 'SCOPE_MISSING')
      assert.match(String(answer.headers['www-authenticate']), /scope="[^"]*nova:admin"/)
    }
  })

  it('have bounds', async () => {
    await using test = await startTestApp()
    const put = (payload: object, user = 'ann') =>
      test.app.inject({ method: 'PUT', url: `/plans/${user}`, payload })
    for (const wrong of [{ calls_per_month: -1 }, { calls_per_minute: 1.5 }, { other: 1 }]) {
      assert.equal((await put({ ...limits, ...wrong })).json().error.code, 'ARGUMENT_INVALID')
    }
    for (const weight of [-1, 1.5, 1001, '5']) {
      const answer = await put({ ...limits, weights: { get_article: weight } })
      assert.equal(answer.json().error.code, 'ARGUMENT_INVALID')
    }
    assert.equal(
      (await put({ ...limits, weights: { misspelt: 2 } })).json().error.code,
      'TOOL_UNKNOWN',
    )
    assert.equal((await put(limits, 'a%0Ab')).json().error.code, 'ARGUMENT_INVALID')
    assert.equal((await put({})).statusCode, 400)
  })
})
