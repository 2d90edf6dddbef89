import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LightMyRequestResponse } from 'fastify'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { fileForm } from '../../support/form.ts'

const codeOf = (answer: LightMyRequestResponse) => answer.json().error?.code
const publicServer = {
  SERVER_HOST: '0.0.0.0',
  SERVER_URL: 'https://nova.example',
  NOVA_ACCESS_TOKEN: 'an-access-token-of-32-characters-at-least',
}

const create = (test: TestApp, headers: Record<string, string>) =>
  test.app.inject({ method: 'POST', url: '/articles', headers, payload: { guideline: '# a' } })

describe('403 for what comes from elsewhere', () => {
  it('a rebound host name, with local and with public servers', async () => {
    await using local = await startTestApp()
    await using open = await startTestApp(publicServer)
    for (const host of ['evil.example', 'localhost.evil.example', 'a b', '10.0.0.1']) {
      const answer = await local.app.inject({ url: '/articles', headers: { host } })
      assert.equal(answer.statusCode, 403, host)
      assert.equal(codeOf(answer), 'ORIGIN_REFUSED')
    }
    for (const host of ['localhost:8000', '127.0.0.1:8000', '[::1]:8000']) {
      const answer = await local.app.inject({ url: '/healthz', headers: { host } })
      assert.equal(answer.statusCode, 200, host)
    }
    for (const host of ['nova.example', '10.0.0.1:8000', 'localhost']) {
      const answer = await open.app.inject({ url: '/healthz', headers: { host } })
      assert.equal(answer.statusCode, 200, host)
    }
    const answer = await open.app.inject({ url: '/healthz', headers: { host: 'evil.example' } })
    assert.equal(answer.statusCode, 403)
  })

  it('a page of another site or of another local server, but not our own', async () => {
    await using test = await startTestApp()
    const host = 'localhost:8000'
    const foreign = [
      'https://evil.example',
      'http://localhost:3000',
      'null',
      'file://',
      'chrome-extension://abc',
    ]
    for (const origin of foreign) {
      const answer = await create(test, { host, origin })
      assert.equal(answer.statusCode, 403, origin)
    }
    for (const origin of ['http://localhost:8000', 'http://127.0.0.1:8000']) {
      assert.equal((await create(test, { host, origin })).statusCode, 201, origin)
    }
    const own = { host, origin: 'null', 'sec-fetch-site': 'same-origin' }
    assert.equal((await create(test, own)).statusCode, 201)
    assert.equal((await create(test, { host })).statusCode, 201)
    assert.equal((await create(test, { ...own, 'sec-fetch-site': 'cross-site' })).statusCode, 403)
  })

  it('lets the form behind a link through, whose origin browsers withhold', async () => {
    await using test = await startTestApp()
    const link = await test.link('upload_guideline', '00000000-0000-4000-8000-000000000000')
    const { payload, headers } = fileForm('g.md', '# a')
    const answer = await test.app.inject({
      method: 'POST',
      url: link,
      payload,
      headers: { ...headers, origin: 'null' },
    })
    assert.equal(answer.statusCode, 201)
  })
})

describe('401 on a single-token server', () => {
  it('takes exactly its token, in the header', async () => {
    await using test = await startTestApp(publicServer)
    const token = publicServer.NOVA_ACCESS_TOKEN
    const ask = (authorization?: string) =>
      test.app.inject({
        url: '/articles',
        headers: { host: 'nova.example', ...(authorization && { authorization }) },
      })
    assert.equal((await ask(`Bearer ${token}`)).statusCode, 200)
    for (const bad of [undefined, `Bearer ${token}x`, `Bearer ${token.slice(1)}`, token]) {
      const answer = await ask(bad)
      assert.equal(answer.statusCode, 401)
      assert.match(String(answer.headers['www-authenticate']), /^Bearer/)
      assert.doesNotMatch(String(answer.headers['www-authenticate']), /resource_metadata/)
    }
  })

  it('guards every route that is not public or behind a link', async () => {
    await using test = await startTestApp(publicServer)
    const document = await test.app.inject({ url: '/openapi.json', headers: { host: 'localhost' } })
    const paths = Object.entries<object>(document.json().paths)
    const routes = paths.flatMap(([path, methods]) => Object.keys(methods).map((m) => [m, path]))
    assert.ok(routes.length > 8)
    const guarded = [
      ...routes,
      ['post', '/mcp'],
      ['get', '/mcp'],
      ['delete', '/mcp'],
      ['post', '/'],
    ]
    for (const [method = '', path = ''] of guarded) {
      if (path === '/healthz' || path === '/readyz') continue
      const url = path.replace('{article_id}', '00000000-0000-4000-8000-000000000000')
      const answer = await test.app.inject({ method: method as 'GET', url })
      assert.equal(answer.statusCode, 401, `${method} ${path}`)
    }
  })
})

describe('429 for too much in a short time', () => {
  it('says when to come back, and leaves the probes alone', async () => {
    await using test = await startTestApp({ NOVA_REQUESTS_PER_MINUTE: '3' })
    for (let n = 0; n < 3; n++) assert.equal((await test.app.inject('/usage')).statusCode, 200)
    const answer = await test.app.inject('/usage')
    assert.equal(answer.statusCode, 429)
    assert.equal(codeOf(answer), 'RATE_LIMITED')
    assert.ok(Number(answer.headers['retry-after']) >= 1)
    assert.equal((await test.app.inject('/healthz')).statusCode, 200)
    const elsewhere = await test.app.inject({ url: '/usage', remoteAddress: '10.9.8.7' })
    assert.equal(elsewhere.statusCode, 429, 'the user is the same')
    const pages = new Set<number>()
    for (let n = 0; n < 4; n++) pages.add((await test.app.inject('/')).statusCode)
    assert.deepEqual(pages, new Set([200, 429]))
    const other = await test.app.inject({ url: '/', remoteAddress: '10.9.8.7' })
    assert.equal(other.statusCode, 200)
  })

  it('counts wrong guesses apart, so that who is right is never locked out', async () => {
    await using test = await startTestApp()
    const statuses = new Set<number>()
    for (let n = 0; n < 130; n++) {
      statuses.add((await test.app.inject(`/upload/guess-${n}`)).statusCode)
    }
    assert.deepEqual(statuses, new Set([404, 429]))
    assert.equal((await test.app.inject('/nowhere')).statusCode, 429)
    assert.equal((await test.app.inject('/usage')).statusCode, 200)
  })

  it('limits the bearer of a bad token, and neither sign-in nor who is right behind one address', async () => {
    const right = 'a-token-of-the-tests-that-is-long-enough'
    await using test = await startTestApp({
      NOVA_ACCESS_TOKEN: right,
      NOVA_REQUESTS_PER_MINUTE: '200',
    })
    const ask = (token?: string) =>
      test.app.inject({
        url: '/usage',
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      })
    for (let n = 0; n < 130; n++) await ask('bad')
    const bearer = await ask('bad')
    assert.equal(bearer.statusCode, 429)
    assert.ok(Number(bearer.headers['retry-after']) >= 1)
    assert.match(String(bearer.headers['www-authenticate']), /^Bearer/)
    const others = ['', 'expired'].map((token) => ask(token || undefined))
    for (const answer of await Promise.all(others)) {
      assert.equal(answer.statusCode, 401)
      assert.match(String(answer.headers['www-authenticate']), /^Bearer/)
    }
    assert.equal((await ask(right)).statusCode, 200)

    // Ever other tokens from one address are a flood all the same.
    const statuses = new Set<number>()
    for (let n = 0; n < 220; n++) statuses.add((await ask(`guess-${n}`)).statusCode)
    assert.deepEqual(statuses, new Set([401, 429]))
    assert.equal((await ask()).statusCode, 401)
    assert.equal((await ask(right)).statusCode, 200)
  })

  it('never limits where to sign in', async () => {
    await using test = await startTestApp({ NOVA_REQUESTS_PER_MINUTE: '1' })
    for (let n = 0; n < 5; n++) {
      const answer = await test.app.inject('/.well-known/oauth-protected-resource')
      assert.equal(answer.statusCode, 404, 'a local server has no issuer')
    }
  })

  it('says once, and to who asks through it, that a proxy is not counted', async () => {
    await using test = await startTestApp()
    await using counted = await startTestApp({ NOVA_TRUSTED_PROXIES: '1' })
    const headers = { 'x-forwarded-for': '1.1.1.1' }
    const told = async (app: TestApp, sent: Record<string, string>) => {
      const { checks } = (await app.app.inject({ url: '/readyz', headers: sent })).json()
      return checks.filter(({ name }: { name: string }) => name === 'proxies')
    }
    const [check] = await told(test, headers)
    assert.equal(check.ok, false)
    assert.match(check.detail, /NOVA_TRUSTED_PROXIES is 0/)
    await told(test, headers)
    assert.deepEqual(await told(test, {}), [])
    assert.deepEqual(await told(counted, headers), [])
    const warned = (app: TestApp) => app.log.filter((line) => line.includes('NOVA_TRUSTED_PROXIES'))
    assert.equal(warned(test).length, 1)
    assert.equal(warned(counted).length, 0)
  })

  it('believes X-Forwarded-For only of the proxies that are there', async () => {
    await using test = await startTestApp({ NOVA_REQUESTS_PER_MINUTE: '1' })
    await using proxied = await startTestApp({
      NOVA_REQUESTS_PER_MINUTE: '1',
      NOVA_TRUSTED_PROXIES: '1',
    })
    const ask = (app: TestApp, from: string) =>
      app.app.inject({ url: '/', headers: { 'x-forwarded-for': from } })
    await ask(test, '1.1.1.1')
    assert.equal((await ask(test, '2.2.2.2')).statusCode, 429)
    await ask(proxied, '1.1.1.1')
    assert.equal((await ask(proxied, '2.2.2.2')).statusCode, 200)
    assert.equal((await ask(proxied, '3.3.3.3, 2.2.2.2')).statusCode, 429)
  })
})

describe('every answer', () => {
  it('carries the security headers, whatever its status', async () => {
    await using test = await startTestApp()
    const id = await test.article()
    const urls = [
      '/',
      '/healthz',
      '/nowhere',
      '/%E0%A4%A',
      `/articles/${id}`,
      '/upload/x',
      await test.link('upload_files', id),
      await test.link('watch', id),
      '/assets/nova.js',
    ]
    for (const url of urls) {
      const { headers } = await test.app.inject({ url, headers: { accept: 'text/html' } })
      const policy = String(headers['content-security-policy'])
      assert.match(policy, /default-src 'none'/, url)
      assert.match(policy, /frame-ancestors 'none'/, url)
      assert.doesNotMatch(policy, /unsafe|nonce/, url)
      assert.equal(headers['x-content-type-options'], 'nosniff', url)
      assert.equal(headers['referrer-policy'], 'no-referrer', url)
      if (!url.startsWith('/assets')) assert.equal(headers['cache-control'], 'no-store', url)
    }
  })

  it('leaves no link, token or query in the log', async () => {
    await using test = await startTestApp()
    const link = await test.link('watch', await test.article())
    await test.app.inject({ url: link, headers: { authorization: 'Bearer planted-secret' } })
    await test.app.inject({ url: `${link}x`, headers: { cookie: 'planted-secret' } })
    await test.app.inject({ url: '/usage?key=planted-secret' })
    const log = test.log.join('')
    assert.match(log, /"route":"\/watch\/:token"/)
    assert.doesNotMatch(log, /planted-secret/)
    assert.ok(!log.includes(link.slice(7, 60)))
  })
})
