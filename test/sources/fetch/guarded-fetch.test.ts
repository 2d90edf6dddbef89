import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { createGuardedFetch } from '../../../src/sources/fetch/guarded-fetch.ts'
import { retryAfterMs } from '../../../src/sources/fetch/retry-delay.ts'
import { guarded, guardedSite as world } from '../../support/guarded.ts'
import { type Route, startSite } from '../../support/site.ts'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('a fetched answer', () => {
  it('says what it is and where it came from', async () => {
    await using w = await world({
      '/old': { status: 301, headers: { location: '/new#part' } },
      '/new': { headers: { 'content-type': 'Text/HTML; Charset="ISO-8859-1"' }, body: 'x' },
    })
    const answer = await w.get('/old')
    assert.equal(answer.url, 'http://site.example/new')
    assert.deepEqual(answer.redirects, ['http://site.example/old'])
    assert.equal(answer.mediaType, 'text/html')
    assert.equal(answer.charset, 'ISO-8859-1')
    assert.equal(answer.robots, 'no-rules')
    assert.equal(answer.status, 200)
  })

  it('is asked for under our own name, Markdown preferred', async () => {
    let headers: IncomingMessage['headers'] = {}
    await using w = await world({
      '/': (request, response) => {
        headers = request.headers
        response.end('x')
      },
    })
    await w.get('/')
    assert.match(headers['user-agent'] ?? '', /^NovaResearch\//)
    assert.match(headers.accept ?? '', /^text\/markdown, text\/html;q=0\.9/)
  })

  it('is an answer whatever its status', async () => {
    await using w = await world({ '/gone': { status: 410, body: 'gone' } })
    const answer = await w.get('/gone')
    assert.equal(answer.status, 410)
    assert.equal(text(answer.bytes), 'gone')
  })

  it('can be asked for conditionally', async () => {
    await using w = await world({
      '/': (request, response) => {
        const same = request.headers['if-none-match'] === '"v1"'
        response.writeHead(same ? 304 : 200, { etag: '"v1"' }).end(same ? undefined : 'body')
      },
    })
    const first = await w.get('/')
    assert.equal(first.notModified, false)
    const etag = first.headers.get('etag') ?? ''
    const second = await w.get('/', { conditional: { etag } })
    assert.equal(second.notModified, true)
    assert.equal(second.bytes.byteLength, 0)
  })
})

describe('limits', () => {
  const encoded: [string, (data: Buffer) => Buffer][] = [
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
  ]
  for (const [encoding, compress] of encoded) {
    it(`counts bytes after ${encoding} decompression, so a bomb costs one limit`, async () => {
      const bomb = compress(Buffer.alloc(20_000_000))
      assert.ok(bomb.byteLength < 100_000)
      const headers = { 'content-encoding': encoding }
      await using w = await world({
        '/bomb': { headers, body: bomb },
        '/fine': { headers, body: compress(Buffer.from('small')) },
      })
      await assert.rejects(w.get('/bomb'), { reason: 'TOO_LARGE' })
      assert.equal(text((await w.get('/fine')).bytes), 'small')
    })
  }

  it('refuses an answer that announces too much without reading it', async () => {
    await using w = await world({
      '/': (_request, response) => {
        response.writeHead(200, { 'content-length': '5000000' }).write('only the beginning')
      },
    })
    await assert.rejects(w.get('/'), { reason: 'TOO_LARGE' })
  })

  it('ends a drip that never stalls but never ends', async () => {
    await using w = await world({
      '/': (request, response) => {
        const drip = setInterval(() => response.write('.'), 5)
        request.on('close', () => clearInterval(drip))
      },
    })
    await assert.rejects(w.get('/', { timeoutMs: 100 }), { reason: 'TIMEOUT' })
  })

  it('ends the wait for a server that says nothing', async () => {
    await using w = await world({ '/': () => undefined })
    await assert.rejects(w.get('/', { timeoutMs: 50 }), { reason: 'TIMEOUT' })
  })

  it('follows eight redirects and no ninth', async () => {
    const step = (n: number): Route => ({ status: 302, headers: { location: `/${n + 1}` } })
    const routes = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`/${n}`, step(n)]))
    await using w = await world({ ...routes, '/9': 'end' })
    assert.equal((await w.get('/1')).redirects.length, 8)
    await assert.rejects(w.get('/0'), { reason: 'TOO_MANY_REDIRECTS' })
  })

  it('applies to bodies that are streamed too', async () => {
    await using w = await world({ '/': { body: new Uint8Array(300_000) } })
    const url = 'http://site.example/'
    const whole = await w.fetch.openStream({ url })
    let size = 0
    for await (const chunk of whole.stream) size += chunk.byteLength
    assert.equal(size, 300_000)
    const cut = await w.fetch.openStream({ url, maxBytes: 1000 })
    await assert.rejects(cut.stream.pipeTo(new WritableStream()), { reason: 'TOO_LARGE' })
  })

  it('lets a body of exactly the limit through, whole or streamed', async () => {
    const drip: Route = (_request, response) => {
      response.write('12345')
      response.end('67890')
    }
    await using w = await world({ '/': drip })
    const url = 'http://site.example/'
    assert.equal((await w.get('/', { maxBytes: 10 })).bytes.byteLength, 10)
    await assert.rejects(w.get('/', { maxBytes: 9 }), { reason: 'TOO_LARGE' })
    const { stream } = await w.fetch.openStream({ url, maxBytes: 10 })
    assert.equal(await new Response(stream).text(), '1234567890')
  })

  it('is cancelled by the caller at once', async () => {
    await using w = await world({ '/': () => undefined })
    const caller = new AbortController()
    const request = w.get('/', { signal: caller.signal, obeyRobots: false })
    caller.abort()
    await assert.rejects(request, { reason: 'CANCELLED' })
  })
})

describe('failures', () => {
  it('that another attempt would only repeat are not tried again', async () => {
    let asked = 0
    await using fetch = guarded({
      resolve: (_host, done) => {
        asked++
        done(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }), [])
      },
    })
    const get = fetch.fetch({ url: 'http://site.example/', obeyRobots: false })
    await assert.rejects(get, { reason: 'DNS' })
    assert.equal(asked, 1)
  })

  it('names a refused connection and a broken one', async () => {
    const site = await startSite({})
    await using fetch = guarded({ allow: [site.allow('site.example')], retryBaseMs: 1 })
    await site[Symbol.asyncDispose]()
    await assert.rejects(fetch.fetch({ url: 'http://site.example/' }), { reason: 'CONNECTION' })
    await using w = await world({ '/': (request) => request.socket.destroy() })
    await assert.rejects(w.get('/'), { reason: 'CONNECTION' })
  })

  it('names a host without an address', async () => {
    await using fetch = guarded({
      resolve: (_host, done) => done(Object.assign(new Error('x'), { code: 'ENOTFOUND' }), []),
    })
    await assert.rejects(fetch.fetch({ url: 'http://nowhere.example/' }), { reason: 'DNS' })
  })

  it('names a server without a trusted certificate', async () => {
    await using site = await startSite({ '/': 'x' })
    await using fetch = guarded({ allow: [site.allow('site.example', 443)] })
    await assert.rejects(fetch.fetch({ url: 'https://site.example/' }), { reason: 'TLS' })
  })

  it('names broken compression', async () => {
    await using w = await world({
      '/': { headers: { 'content-encoding': 'gzip' }, body: 'this is not gzip' },
    })
    await assert.rejects(w.get('/'), { reason: 'HTTP_ERROR' })
  })
})

describe('retries', () => {
  const failing = (times: number, fail: (response: ServerResponse) => void): Route => {
    let seen = 0
    return (_request, response) => {
      seen += 1
      if (seen <= times) fail(response)
      else response.end('at last')
    }
  }

  it('come back after 503 and after a broken connection', async () => {
    await using w = await world({
      '/busy': failing(2, (response) => response.writeHead(503).end()),
      '/broken': failing(1, (response) => response.socket?.destroy()),
    })
    assert.equal(text((await w.get('/busy')).bytes), 'at last')
    assert.equal(w.site.count('/busy'), 3)
    assert.equal(text((await w.get('/broken')).bytes), 'at last')
  })

  it('give the answer as it is when Retry-After asks for more than there is time', async () => {
    await using w = await world({
      '/': failing(9, (response) => response.writeHead(429, { 'retry-after': '3600' }).end()),
    })
    assert.equal((await w.get('/')).status, 429)
    assert.equal(w.site.count('/'), 1)
  })

  it('never repeat a POST on their own', async () => {
    await using w = await world({ '/': failing(1, (r) => r.writeHead(503).end()) })
    assert.equal((await w.get('/', { method: 'POST', body: '{}' })).status, 503)
  })

  it('read Retry-After as seconds or as a date, and nothing else', () => {
    const now = new Date('2026-01-01T00:00:00Z')
    assert.equal(retryAfterMs('7', now), 7000)
    assert.equal(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', now), 30_000)
    assert.equal(retryAfterMs('Wed, 31 Dec 2025 00:00:30 GMT', now), 0)
    assert.equal(retryAfterMs('soon', now), undefined)
    assert.equal(retryAfterMs(null, now), undefined)
  })
})

describe('credentials', () => {
  it('stay with the origin they were meant for', async () => {
    const seen: (string | undefined)[] = []
    const note: Route = (request, response) => {
      seen.push(request.headers.authorization)
      response.end('x')
    }
    await using other = await startSite({ '/': note })
    await using site = await startSite({
      '/away': { status: 302, headers: { location: 'http://other.example/' } },
      '/near': { status: 302, headers: { location: '/end' } },
      '/end': note,
    })
    await using fetch = guarded({
      allow: [site.allow('site.example'), other.allow('other.example')],
    })
    const headers = { authorization: 'Bearer secret' }
    await fetch.fetch({ url: 'http://site.example/near', headers, obeyRobots: false })
    await fetch.fetch({ url: 'http://site.example/away', headers, obeyRobots: false })
    assert.deepEqual(seen, ['Bearer secret', undefined])
  })

  it('never follow a redirect of a request body to another host', async () => {
    await using other = await startSite({ '/': 'x' })
    await using site = await startSite({
      '/': { status: 307, headers: { location: 'http://other.example/' } },
    })
    await using fetch = guarded({
      allow: [site.allow('site.example'), other.allow('other.example')],
    })
    const request = fetch.fetch({ url: 'http://site.example/', method: 'POST', body: 'key' })
    await assert.rejects(request, { reason: 'HTTP_ERROR' })
    assert.deepEqual(other.requests, [])
  })
})

describe('pages of one host', () => {
  it('are 200 ms apart unless somebody says otherwise', async () => {
    await using site = await startSite({ '/a': 'x', '/b': 'x' })
    const fetch = createGuardedFetch({
      allow: [site.allow('site.example')],
      timeoutMs: 60_000,
      maxBytes: 1_000,
      concurrency: 8,
      perHost: 4,
      userAgent: 'NovaResearch/0.1',
    })
    try {
      const began = performance.now()
      for (const path of ['/a', '/b']) await fetch.fetch({ url: `http://site.example${path}` })
      assert.ok(performance.now() - began >= 200, 'the second page waits for its turn')
    } finally {
      await fetch.close()
    }
  })
})
