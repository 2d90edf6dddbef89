import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { describe, it } from 'node:test'
import { exportSPKI, generateKeyPair } from 'jose'
import { issueApiToken } from '../../../src/commands/people/issue-api-token.ts'
import { revokeApiToken } from '../../../src/commands/people/revoke-api-token.ts'
import type { EventOf } from '../../../src/events/define-event.ts'
import {
  type AccessRefused,
  accessStream,
  serverUserId,
} from '../../../src/events/people/access-events.ts'
import type { HttpDeps } from '../../../src/http/server/http-deps.ts'
import { networkOf } from '../../../src/http/server/refusal-tally.ts'
import { createMcpEndpoint } from '../../../src/mcp/protocol/server.ts'
import { callerNamed, startTestApp, type TestApp } from '../../support/app.ts'
import { startIssuer, type TestIssuer } from '../../support/issuer.ts'

const serverUrl = 'https://nova.example'
const audience = `${serverUrl}/mcp`

const startWith = (issuer: TestIssuer) =>
  startTestApp(
    { NOVA_AUTH_ISSUER: issuer.url, SERVER_URL: serverUrl },
    { verifier: { cooldownMs: 0 }, clock: issuer.clock },
  )

/** Closes the app, which records what it has counted, and reads the events. */
async function recorded(test: TestApp) {
  await test.app.close()
  const stream = { userId: serverUserId, streamId: accessStream(test.clock.now) }
  const events = await test.deps.store.read(stream)
  return events.map(({ data }) => data as EventOf<typeof AccessRefused>['data'])
}

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Each bad token that people try, and why it is not taken. */
const badTokens: Record<string, (issuer: TestIssuer, good: string) => Promise<string> | string> = {
  'TOKEN_UNVERIFIABLE: no signature (alg none)': (_issuer, good) =>
    `${base64({ alg: 'none' })}.${good.split('.')[1]}.`,
  'TOKEN_UNVERIFIABLE: the public key as a shared secret (RS as HS)': async (_issuer, good) => {
    const signed = `${base64({ alg: 'HS256', kid: 'k1' })}.${good.split('.')[1]}`
    const key = await exportSPKI((await generateKeyPair('RS256', { extractable: true })).publicKey)
    return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
  },
  'TOKEN_UNVERIFIABLE: signed by somebody else': async (issuer) =>
    issuer.token({ key: (await generateKeyPair('RS256')).privateKey }),
  'TOKEN_UNVERIFIABLE: a key id that is a path': (issuer) =>
    issuer.token({ kid: '../../../etc/passwd' }),
  'TOKEN_OF_OTHER_ISSUER: another issuer': (issuer) =>
    issuer.token({ iss: 'https://evil.example' }),
  'TOKEN_FOR_OTHER_AUDIENCE: another audience': (issuer) =>
    issuer.token({ aud: 'https://x.example' }),
  'TOKEN_EXPIRED: for one second': (issuer) => issuer.token({ exp: issuer.seconds() - 1 }),
  'TOKEN_NOT_YET_VALID: from the future': (issuer) => issuer.token({ nbf: issuer.seconds() + 300 }),
  'TOKEN_WITHOUT_CLAIM: no expiry': (issuer) => issuer.token({ exp: undefined }),
  'TOKEN_WITHOUT_SUBJECT: the server as subject': (issuer) => issuer.token({ sub: serverUserId }),
  'TOKEN_MALFORMED: nine thousand letters': () => 'x'.repeat(9000),
  'API_TOKEN_UNKNOWN: an API token that never was': () =>
    `nova_${'0'.repeat(16)}_${'a'.repeat(64)}`,
}

describe('a bad token', { concurrency: true }, () => {
  for (const [what, make] of Object.entries(badTokens)) {
    const [reason = '', kind] = what.split(': ')
    it(`${kind}: 401, its header, a row of the audit, and nothing of what exists`, async () => {
      await using issuer = await startIssuer(audience)
      await using test = await startWith(issuer)
      const id = await test.article('# Of Ann', 'ann')
      const token = await make(issuer, await issuer.token())
      const ask = (url: string) =>
        test.app.inject({
          url,
          headers: { host: 'nova.example', authorization: `Bearer ${token}` },
          remoteAddress: '203.0.113.9',
        })
      const [there, absent] = [await ask(`/articles/${id}`), await ask(`/articles/${id}0`)]
      assert.equal(there.statusCode, 401)
      assert.match(String(there.headers['www-authenticate']), /^Bearer error="invalid_token"/)
      assert.equal(there.body, absent.body)
      assert.doesNotMatch(there.body, /TOKEN_|Of Ann/)
      const refusals = [{ reason, network: '203.0.113.0/24', count: 2 }]
      const [window] = await recorded(test)
      assert.deepEqual([window?.refusals, window?.others], [refusals, 0])
      await test.project()
      const [row] = await test.deps.reader.query<{ summary: string }>(
        serverUserId,
        'select summary from nova.audit where user_id = $1 order by position desc limit 1',
        [serverUserId],
      )
      assert.equal(row?.summary, `Refused: 2 × ${reason} from 203.0.113.0/24`)
    })
  }

  it('that was revoked, or belongs to a user who may not see it, is told as if nothing were there', async () => {
    await using issuer = await startIssuer(audience)
    await using test = await startWith(issuer)
    const id = await test.article('# Of Ann', 'ann')
    const ann = callerNamed('ann')
    const made = await issueApiToken(test.deps, ann, {
      name: 'a',
      scopes: ['nova:read'],
      expiresAt: null,
    })
    await test.project()
    const ask = (token: string, url: string) =>
      test.app.inject({
        url,
        headers: { host: 'nova.example', authorization: `Bearer ${token}` },
      })
    assert.equal((await ask(made.token, '/articles')).statusCode, 200)
    await revokeApiToken(test.deps, ann, { tokenId: made.tokenId })
    const [revoked, unknown] = [made.token, `nova_${'0'.repeat(16)}_${'a'.repeat(64)}`]
    const answers = [await ask(revoked, '/articles'), await ask(unknown, '/articles')]
    assert.equal(answers[0]?.statusCode, 401)
    assert.equal(answers[0]?.body, answers[1]?.body)
    const bob = await issuer.token({ sub: 'bob' })
    const foreign = await ask(bob, `/articles/${id}`)
    assert.equal(foreign.statusCode, 404)
    const absent = await ask(bob, '/articles/00000000-0000-4000-8000-000000000000')
    assert.equal(foreign.body, absent.body)
    const [window] = await recorded(test)
    const told = new Map(window?.refusals.map(({ reason, count }) => [reason, count]))
    const expected = { ARTICLE_NOT_FOUND: 2, API_TOKEN_REVOKED: 1, API_TOKEN_UNKNOWN: 1 }
    assert.deepEqual(Object.fromEntries(told), expected)
  })
})

describe('a request that is not let in', { concurrency: true }, () => {
  it('from a page of another site, or to a name that was rebound to us: 403 and a row', async () => {
    await using test = await startTestApp()
    const ask = (headers: Record<string, string>) => test.app.inject({ url: '/articles', headers })
    for (const headers of [{ origin: 'https://evil.example' }, { host: 'evil.example' }]) {
      const answer = await ask({ host: 'localhost', ...headers })
      assert.equal(answer.statusCode, 403)
      assert.equal(answer.json().error.code, 'ORIGIN_REFUSED')
    }
    const [window] = await recorded(test)
    assert.deepEqual(window?.refusals, [
      { reason: 'ORIGIN_REFUSED', network: '127.0.0.0/24', count: 2 },
    ])
  })

  it('for a tool that its token has no scope for: 403 and a row', async () => {
    await using issuer = await startIssuer(audience)
    const mcp: { endpoint?: HttpDeps['mcp'] } = {}
    await using test = await startTestApp(
      { NOVA_AUTH_ISSUER: issuer.url, SERVER_URL: serverUrl },
      { mcp: async (...asked) => mcp.endpoint?.(...asked) },
    )
    mcp.endpoint = createMcpEndpoint({
      ...test.deps,
      projections: { ...test.deps.projections, status: async () => [] },
      operations: { enqueue: async () => {} },
      runs: { goOn: async () => {} },
      model: null,
      prices: new Map(),
      search: null,
      stopping: new AbortController().signal,
    })
    const call = { name: 'read_analytics', arguments: {} }
    const answer = await test.app.inject({
      method: 'POST',
      url: '/mcp',
      headers: {
        host: 'nova.example',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${await issuer.token({ scope: 'nova:read' })}`,
      },
      payload: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: call },
    })
    assert.equal(answer.statusCode, 403)
    const [window] = await recorded(test)
    assert.deepEqual(window?.refusals, [
      { reason: 'SCOPE_MISSING', network: '127.0.0.0/24', count: 1 },
    ])
  })

  it('with a header of 100 kB: 431 and a row', async () => {
    await using test = await startTestApp()
    const url = await test.listen()
    const status = await new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${'x'.repeat(100_000)}` }
      httpRequest(`${url}/articles`, { headers }, (response) => resolve(response.statusCode))
        .on('error', reject)
        .end()
    })
    assert.equal(status, 431)
    const [window] = await recorded(test)
    assert.deepEqual(window?.refusals, [
      { reason: 'HEADERS_TOO_LARGE', network: '127.0.0.0/24', count: 1 },
    ])
  })

  it('two thousand times from four hundred networks: one event, and good tokens go on counting', async () => {
    await using issuer = await startIssuer(audience)
    await using test = await startWith(issuer)
    const good = await issuer.token()
    const ask = (token: string, remoteAddress: string) =>
      test.app.inject({
        url: '/articles',
        headers: { host: 'nova.example', authorization: `Bearer ${token}` },
        remoteAddress,
      })
    for (let n = 0; n < 2000; n++) {
      assert.equal(
        (await ask(`${good.slice(0, -4)}AAAA`, `10.${(n % 400) >> 8}.${(n % 400) & 255}.1`))
          .statusCode,
        401,
      )
    }
    assert.equal((await ask(good, '192.0.2.1')).statusCode, 200)
    const windows = await recorded(test)
    assert.equal(windows.length, 1)
    const [{ refusals = [], others = 0 } = {}] = windows
    assert.equal(refusals.length, 20)
    assert.equal(
      refusals.reduce((sum, { count }) => sum + count, others),
      2000,
    )
  })

  it('without a token is how every client begins: no row', async () => {
    await using issuer = await startIssuer(audience)
    await using test = await startWith(issuer)
    const headers = { host: 'nova.example' }
    assert.equal((await test.app.inject({ url: '/mcp', headers })).statusCode, 401)
    assert.deepEqual(await recorded(test), [])
  })
})

describe('the network of an address', () => {
  it('leaves out what names a person', () => {
    assert.equal(networkOf('203.0.113.9'), '203.0.113.0/24')
    assert.equal(networkOf('::ffff:203.0.113.9'), '203.0.113.0/24')
    assert.equal(networkOf('2001:db8:1:2::3'), '2001:db8:1::/48')
    assert.equal(networkOf('2001:db8::3'), '2001:db8:0::/48')
    assert.equal(networkOf('fe80::1%eth0'), 'fe80:0:0::/48')
    assert.equal(networkOf('::1'), '0:0:0::/48')
    assert.equal(networkOf(''), 'unknown')
  })
})
