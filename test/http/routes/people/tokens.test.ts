import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startTestApp, type TestApp } from '../../../support/app.ts'
import { startIssuer } from '../../../support/issuer.ts'
import { until } from '../../../support/until.ts'

const serverUrl = 'https://nova.example'
const accessToken = 'an-access-token-of-32-characters-at-least'
const bearer = (token: string) => ({ host: 'nova.example', authorization: `Bearer ${token}` })

interface Issued {
  token: string
  token_id: string
  scopes: string[]
  expires_at: string | null
}

async function issue(test: TestApp, by: string, body: object = {}): Promise<Issued> {
  const answer = await test.app.inject({
    method: 'POST',
    url: '/tokens',
    headers: bearer(by),
    payload: { name: 'script', ...body },
  })
  assert.equal(answer.statusCode, 201, answer.body)
  return answer.json()
}

const statusWith = async (test: TestApp, token: string, url = '/articles') =>
  (await test.app.inject({ url, headers: bearer(token) })).statusCode

const startSingleUser = (environment: Record<string, string> = {}) =>
  startTestApp({ NOVA_ACCESS_TOKEN: accessToken, SERVER_URL: serverUrl, ...environment })

describe('an API token', () => {
  it('is shown once, works at once, and tells in lists when it was used', async () => {
    await using test = await startSingleUser()
    const { token, token_id } = await issue(test, accessToken)
    assert.match(token, new RegExp(`^nova_${token_id}_[0-9a-f]{64}$`))
    assert.equal(await statusWith(test, token), 200)
    const list = async () => {
      const answer = await test.app.inject({ url: '/tokens', headers: bearer(accessToken) })
      assert.ok(!answer.body.includes(token.slice(-64)))
      return answer.json().tokens
    }
    await until(async () => (await list())[0].last_used_at !== null, "the token's last use")
    const [listed] = await list()
    assert.equal(listed.prefix, `nova_${token_id}`)
    assert.equal(listed.name, 'script')
    assert.ok(!test.log.join('').includes(token.slice(-64)))
  })

  it('belongs to the subject it was issued for, beside an issuer', async () => {
    const audience = `${serverUrl}/mcp`
    await using issuer = await startIssuer(audience)
    await using test = await startTestApp(
      {
        NOVA_AUTH_ISSUER: issuer.url,
        SERVER_URL: serverUrl,
      },
      { clock: issuer.clock },
    )
    const ann = await issue(test, await issuer.token({ sub: 'ann' }))
    const bob = await issue(test, await issuer.token({ sub: 'bob' }))
    const id = await test.article('# Of Ann', 'ann')
    assert.equal(await statusWith(test, ann.token, `/articles/${id}`), 200)
    assert.equal(await statusWith(test, bob.token, `/articles/${id}`), 404)
    // No request goes to the issuer for it.
    await issuer.stop()
    assert.equal(await statusWith(test, ann.token, `/articles/${id}`), 200)
  })

  it('narrows a local server for whoever sends it', async () => {
    await using test = await startTestApp()
    const made = await test.app.inject({
      method: 'POST',
      url: '/tokens',
      payload: { name: 'reader', scopes: ['nova:read'] },
    })
    const headers = { authorization: `Bearer ${made.json().token}` }
    assert.equal((await test.app.inject({ url: '/articles', headers })).statusCode, 200)
    const payload = { guideline: '# a' }
    const refused = await test.app.inject({ method: 'POST', url: '/articles', headers, payload })
    assert.equal(refused.statusCode, 403)
    assert.match(String(refused.headers['www-authenticate']), /insufficient_scope/)
  })

  it('stops counting at once when it is revoked, whether the projection knows or not', async () => {
    await using test = await startSingleUser()
    const { token, token_id } = await issue(test, accessToken)
    assert.equal(await statusWith(test, token), 200)
    const revoke = () =>
      test.app.inject({ method: 'DELETE', url: `/tokens/${token_id}`, headers: bearer(token) })
    assert.equal((await revoke()).statusCode, 204)
    assert.equal((await revoke()).statusCode, 401)
    assert.equal(await statusWith(test, token), 401)
  })

  it('stops counting when its time is over', async () => {
    await using test = await startSingleUser()
    const { token, expires_at } = await issue(test, accessToken, { expires_in_days: 1 })
    const end = Date.parse(expires_at ?? '')
    test.clock.now = new Date(end - 1)
    assert.equal(await statusWith(test, token), 200)
    test.clock.now = new Date(end)
    assert.equal(await statusWith(test, token), 401)
    const forever = await issue(test, accessToken, { expires_in_days: 0 })
    assert.equal(forever.expires_at, null)
  })

  it('is refused in the same words when it is wrong, unknown, revoked or expired', async () => {
    await using test = await startSingleUser()
    const good = await issue(test, accessToken)
    const revoked = await issue(test, accessToken)
    const url = `/tokens/${revoked.token_id}`
    await test.app.inject({ method: 'DELETE', url, headers: bearer(accessToken) })
    const expired = await issue(test, accessToken, { expires_in_days: 1 })
    test.clock.now = new Date(Date.now() + 2 * 86_400_000)
    const wrong = good.token.slice(0, -4) + (good.token.endsWith('0000') ? '1111' : '0000')
    const unknown = `nova_${'0'.repeat(16)}_${good.token.slice(-64)}`
    const answers = await Promise.all(
      [wrong, unknown, revoked.token, expired.token].map((token) =>
        test.app.inject({ url: '/articles', headers: bearer(token) }),
      ),
    )
    for (const { statusCode, headers, body } of answers) {
      assert.equal(statusCode, 401)
      assert.match(String(headers['www-authenticate']), /^Bearer error="invalid_token"/)
      assert.equal(body, answers[0]?.body)
    }
    assert.equal(await statusWith(test, good.token), 200)
  })

  it('is never wider than who issues it, and issues none itself', async () => {
    const audience = `${serverUrl}/mcp`
    await using issuer = await startIssuer(audience)
    await using test = await startTestApp(
      {
        NOVA_AUTH_ISSUER: issuer.url,
        SERVER_URL: serverUrl,
      },
      { clock: issuer.clock },
    )
    const post = (token: string, payload: object) =>
      test.app.inject({ method: 'POST', url: '/tokens', headers: bearer(token), payload })
    const writer = await issuer.token()
    const wider = await post(writer, { name: 'a', scopes: ['nova:admin'] })
    assert.equal(wider.json().error.code, 'SCOPE_MISSING')
    const { token } = await issue(test, writer)
    const child = await post(token, { name: 'child', scopes: ['nova:read'] })
    assert.equal(child.json().error.code, 'TOKEN_CANNOT_ISSUE')
    const reader = await issuer.token({ scope: 'nova:read' })
    assert.equal((await post(reader, { name: 'a', scopes: ['nova:read'] })).statusCode, 403)
  })

  it('cannot be revoked by another user, who cannot tell whether it exists', async () => {
    const audience = `${serverUrl}/mcp`
    await using issuer = await startIssuer(audience)
    await using test = await startTestApp(
      {
        NOVA_AUTH_ISSUER: issuer.url,
        SERVER_URL: serverUrl,
      },
      { clock: issuer.clock },
    )
    const ann = await issue(test, await issuer.token({ sub: 'ann' }))
    const bob = await issuer.token({ sub: 'bob' })
    const [foreign, absent] = await Promise.all(
      [ann.token_id, '0'.repeat(16)].map((id) =>
        test.app.inject({ method: 'DELETE', url: `/tokens/${id}`, headers: bearer(bob) }),
      ),
    )
    assert.equal(foreign?.json().error.code, 'TOKEN_NOT_FOUND')
    assert.equal(foreign?.body, absent?.body)
    assert.equal(await statusWith(test, ann.token), 200)
    assert.deepEqual(
      (await test.app.inject({ url: '/tokens', headers: bearer(bob) })).json().tokens,
      [],
    )
  })

  it('is one of at most a hundred that count', async () => {
    await using test = await startSingleUser({ NOVA_REQUESTS_PER_MINUTE: '0' })
    const made = await Promise.all(Array.from({ length: 100 }, () => issue(test, accessToken)))
    const post = () =>
      test.app.inject({
        method: 'POST',
        url: '/tokens',
        headers: bearer(accessToken),
        payload: { name: 'one more' },
      })
    assert.equal((await post()).json().error.code, 'TOKENS_TOO_MANY')
    const url = `/tokens/${made[0]?.token_id}`
    await test.app.inject({ method: 'DELETE', url, headers: bearer(accessToken) })
    assert.equal((await post()).statusCode, 201)
  })
})
