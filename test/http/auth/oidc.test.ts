import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import { exportSPKI, generateKeyPair } from 'jose'
import type { VerifierOptions } from '../../../src/http/auth/token-verifier.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { startIssuer, type TestIssuer } from '../../support/issuer.ts'

const serverUrl = 'https://nova.example'
const audience = `${serverUrl}/mcp`

const startWith = (issuer: TestIssuer, verifier: VerifierOptions = { cooldownMs: 0 }) =>
  startTestApp(
    { NOVA_AUTH_ISSUER: issuer.url, SERVER_URL: serverUrl },
    { verifier, clock: issuer.clock },
  )

const get = (test: TestApp, token: string | null, url = '/articles') =>
  test.app.inject({
    url,
    headers: { host: 'nova.example', ...(token !== null && { authorization: `Bearer ${token}` }) },
  })

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a token of the issuer', () => {
  it('lets its subject in, and nobody else sees what it did', async () => {
    await using issuer = await startIssuer(audience)
    await using test = await startWith(issuer)
    const id = await test.article('# Of Ann', 'ann')
    const own = await get(test, await issuer.token(), `/articles/${id}`)
    assert.equal(own.json().title, 'Of Ann')
    const bob = await issuer.token({ sub: 'bob' })
    const foreign = await get(test, bob, `/articles/${id}`)
    const absent = await get(test, bob, '/articles/00000000-0000-4000-8000-000000000000')
    assert.equal(foreign.statusCode, 404)
    assert.equal(foreign.body, absent.body)
  })

  it('works after its key was rotated in, and not after it was withdrawn', async () => {
    await using issuer = await startIssuer(audience)
    await using test = await startWith(issuer)
    const old = await issuer.token()
    assert.equal((await get(test, old)).statusCode, 200)
    await issuer.rotate({ forget: true })
    assert.equal((await get(test, await issuer.token())).statusCode, 200)
    assert.equal((await get(test, old)).statusCode, 401)
  })

  it('keeps working while the issuer is down, with the keys last seen', async () => {
    await using issuer = await startIssuer(audience)
    await using test = await startWith(issuer)
    const token = await issuer.token()
    assert.equal((await get(test, token)).statusCode, 200)
    await issuer.stop()
    assert.equal((await get(test, token)).statusCode, 200)
    const unknown = await issuer.token({ kid: 'other' })
    assert.equal((await get(test, unknown)).statusCode, 503)
  })

  it('counts until the second it expires in, and from when clocks may differ so much', async () => {
    await using issuer = await startIssuer(audience)
    await using test = await startWith(issuer)
    const last = await issuer.token({ exp: issuer.seconds() + 1, nbf: issuer.seconds() + 30 })
    assert.equal((await get(test, last)).statusCode, 200)
    test.clock.now = new Date(test.clock.now.getTime() + 1000)
    assert.equal(issuer.clock.now.getTime(), test.clock.now.getTime())
    assert.equal((await get(test, last)).statusCode, 401)
  })

  it('costs no request to the issuer once the keys are known', async () => {
    await using issuer = await startIssuer(audience)
    await using test = await startWith(issuer, {})
    for (let n = 0; n < 5; n++) await get(test, await issuer.token({ sub: `user${n}` }))
    for (let n = 0; n < 5; n++) await get(test, await issuer.token({ kid: `bad${n}` }))
    assert.equal(issuer.keyRequests(), 1)
  })
})

/** Claims of types that no honest issuer signs. */
const odd = (claims: Record<string, unknown>) =>
  claims as Parameters<TestIssuer['token']>[0] & object

describe('401 for everything else', () => {
  type Claims = Parameters<TestIssuer['token']>[0]
  const claims: Record<string, Claims | ((now: number) => Claims)> = {
    'another issuer': { iss: 'https://evil.example' },
    'another audience': { aud: 'https://other.example/mcp' },
    'the server without its path as audience': { aud: serverUrl },
    'no audience': { aud: undefined },
    'expired this second': (now) => ({ exp: now }),
    'not valid for longer than clocks may differ': (now) => ({ nbf: now + 31 }),
    'no expiry': { exp: undefined },
    'no subject': { sub: undefined },
    'the local user as subject': { sub: 'local' },
    'a subject with control characters': { sub: 'a\nb' },
    'a subject that is too long': { sub: 'a'.repeat(256) },
    'a subject with NUL': { sub: 'a\0b' },
    'a number as subject': odd({ sub: 12_345 }),
    'a list as subject': odd({ sub: ['ann'] }),
    'a truth as subject': odd({ sub: true }),
    'an object as subject': odd({ sub: { toString: 'ann' } }),
    'an audience of which a part is no text': odd({ aud: [audience, 5] }),
    'an expiry that is text': odd({ exp: '99999999999' }),
    'an expiry in a list': odd({ exp: [99_999_999_999] }),
    'a beginning that is text': odd({ nbf: '0' }),
    'a time of issue that is text': odd({ iat: 'today' }),
    'a number as scope': odd({ scope: 1 }),
    'an object as scope': odd({ scope: { 'nova:admin': true } }),
    'scopes of which one is no text': odd({ scope: undefined, scp: ['nova:admin', 5] }),
    'a list as client': odd({ client_id: ['one'] }),
    'a number as authorized party': odd({ azp: 5 }),
    'an unknown key': { kid: '../../../etc/passwd' },
  }
  for (const [what, claim] of Object.entries(claims)) {
    it(what, async () => {
      await using issuer = await startIssuer(audience)
      await using test = await startWith(issuer)
      const answer = await get(
        test,
        await issuer.token(typeof claim === 'function' ? claim(issuer.seconds()) : claim),
      )
      assert.equal(answer.statusCode, 401)
      assert.match(String(answer.headers['www-authenticate']), /^Bearer error="invalid_token"/)
      assert.equal(answer.json().error.code, 'UNAUTHENTICATED')
    })
  }

  it('a signature by somebody else, none at all, or a shared secret made of the public key', async () => {
    await using issuer = await startIssuer(audience)
    await using test = await startWith(issuer)
    const other = await generateKeyPair('RS256', { extractable: true })
    const good = await issuer.token()
    const payload = good.split('.')[1]
    const none = `${base64({ alg: 'none' })}.${payload}.`
    const confused = `${base64({ alg: 'HS256', kid: 'k1' })}.${payload}`
    const mac = createHmac('sha256', await exportSPKI(other.publicKey)).update(confused)
    const bad = [
      await issuer.token({ key: other.privateKey }),
      none,
      `${confused}.${mac.digest('base64url')}`,
      `${good.slice(0, -4)}AAAA`,
      'not.a.token',
      'x'.repeat(8000),
      'x'.repeat(9000),
    ]
    for (const token of bad) assert.equal((await get(test, token)).statusCode, 401)
    const headers = { host: 'nova.example' }
    for (const authorization of ['Basic YTpi', 'Bearer', 'Bearer a b', good]) {
      const answer = await test.app.inject({
        url: '/usage',
        headers: { ...headers, authorization },
      })
      assert.equal(answer.statusCode, 401)
    }
    for (const url of [`/usage?access_token=${good}`, '/usage?user_id=ann']) {
      assert.equal((await test.app.inject({ url, headers })).statusCode, 401)
    }
  })

  it('says where to sign in and for what (RFC 9728), for REST and MCP', async () => {
    await using issuer = await startIssuer(audience)
    await using test = await startWith(issuer)
    for (const url of ['/mcp', '/articles']) {
      const answer = await get(test, null, url)
      assert.equal(answer.statusCode, 401)
      assert.equal(
        answer.headers['www-authenticate'],
        'Bearer scope="nova:read nova:write", ' +
          `resource_metadata="${serverUrl}/.well-known/oauth-protected-resource/mcp"`,
      )
    }
    for (const path of ['', '/mcp']) {
      const url = `/.well-known/oauth-protected-resource${path}`
      const { statusCode, ...answer } = await get(test, null, url)
      assert.equal(statusCode, 200)
      assert.equal(answer.json().resource, `${serverUrl}/mcp`)
      assert.deepEqual(answer.json().authorization_servers, [issuer.url])
    }
  })
})

describe('403 for a token without the scope', () => {
  it('names the scope to ask for, and a higher one includes the lower', async () => {
    await using issuer = await startIssuer(audience)
    await using test = await startWith(issuer)
    const reader = await issuer.token({ scope: 'openid nova:read' })
    assert.equal((await get(test, reader)).statusCode, 200)
    const post = (token: string) =>
      test.app.inject({
        method: 'POST',
        url: '/articles',
        headers: { host: 'nova.example', authorization: `Bearer ${token}` },
        payload: { guideline: '# a' },
      })
    const refused = await post(reader)
    assert.equal(refused.statusCode, 403)
    assert.equal(refused.json().error.code, 'SCOPE_MISSING')
    const header = String(refused.headers['www-authenticate'])
    assert.match(header, /error="insufficient_scope"/)
    assert.match(header, /scope="nova:read nova:write"/)
    assert.equal((await post(await issuer.token({ scope: 'nova:admin' }))).statusCode, 201)
    const nothing = await issuer.token({ scope: 'openid', scp: ['nova:read'] })
    assert.equal((await get(test, nothing)).statusCode, 403)
    const list = await issuer.token({ scope: undefined, scp: ['nova:read'] })
    assert.equal((await get(test, list)).statusCode, 200)
  })
})

describe('503 while the issuer cannot be asked', () => {
  it('lets nobody in, not even with a good token', async () => {
    const issuer = await startIssuer(audience)
    const token = await issuer.token()
    await issuer.stop()
    await using test = await startWith(issuer)
    const answer = await get(test, token)
    assert.equal(answer.statusCode, 503)
    assert.equal(answer.json().error.code, 'ISSUER_UNAVAILABLE')
    assert.ok(answer.headers['retry-after'])
    assert.equal((await get(test, null)).statusCode, 401)
  })

  it('when what answers is another issuer', async () => {
    await using issuer = await startIssuer(audience)
    await using test = await startTestApp({
      NOVA_AUTH_ISSUER: `${issuer.url}/tenant`,
      SERVER_URL: serverUrl,
    })
    assert.equal((await get(test, await issuer.token())).statusCode, 503)
  })
})

describe('Descope by its project id', () => {
  it('names the issuer and takes the project as audience', async () => {
    await using test = await startTestApp({ DESCOPE_PROJECT_ID: 'P123', SERVER_URL: serverUrl })
    const answer = await get(test, null, '/.well-known/oauth-protected-resource/mcp')
    assert.deepEqual(answer.json().authorization_servers, ['https://api.descope.com/v1/apps/P123'])
  })
})
