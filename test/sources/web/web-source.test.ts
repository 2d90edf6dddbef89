import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { createExtractionProcess } from '../../../src/sources/extraction/process/extraction-process.ts'
import type { GatherRequest } from '../../../src/sources/source.ts'
import { createFirecrawl } from '../../../src/sources/web/firecrawl.ts'
import { createWebReader } from '../../../src/sources/web/web-source.ts'
import { guarded } from '../../support/guarded.ts'
import { nodesOf } from '../../support/markdown.ts'
import { type Route, startSite } from '../../support/site.ts'

const words = 'Queues hold work between the moment of asking and the moment of doing. '.repeat(12)
const article = `<!doctype html><html lang="en-GB"><head><title>Durable queues | Handbook</title>
  <meta property="og:site_name" content="Handbook"><meta name="author" content="Ann Lee">
  <meta property="article:published_time" content="2025-03-04T10:00:00+01:00">
  <link rel="canonical" href="/queues"></head><body><nav><a href="/">Home</a></nav>
  <main><article><h1>Durable queues</h1><p>${words}</p><h2>Code</h2>
  <div class="highlight highlight-source-python"><pre>def f():\n    return 1</pre></div>
  <p><a href="next.html">${words}</a></p></article></main><footer>Imprint</footer></body></html>`
const shell =
  '<!doctype html><title>App</title><noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div><script src="/app.js"></script>'

async function world(routes: Record<string, Route>, firecrawl?: Route) {
  const site = await startSite(routes)
  const api = await startSite(firecrawl ? { '/v2/scrape': firecrawl } : {})
  const fetch = guarded({ allow: [site.allow('handbook.example'), api.allow('firecrawl.example')] })
  const extraction = createExtractionProcess()
  const read = createWebReader({
    fetch,
    extraction,
    render: firecrawl
      ? [createFirecrawl(fetch, { baseUrl: 'http://firecrawl.example', apiKey: 'fc-key' })]
      : [],
  })
  const request = (path: string): GatherRequest => ({
    url: `http://handbook.example${path}`,
    kind: 'web',
    signal: new AbortController().signal,
  })
  return {
    site,
    api,
    read: (path: string) => read(request(path)),
    async [Symbol.asyncDispose]() {
      await extraction.close()
      await fetch.close()
      await site[Symbol.asyncDispose]()
      await api[Symbol.asyncDispose]()
    },
  }
}

describe('a web page', () => {
  it('becomes the Markdown of its main content, with what it says of itself', async () => {
    await using w = await world({
      '/docs/queues.html': {
        headers: { 'content-type': 'text/html; charset=utf-8', etag: '"v7"' },
        body: article,
      },
    })
    const source = await w.read('/docs/queues.html')
    assert.equal(source.title, 'Durable queues')
    assert.deepEqual(source.facts, {
      author: 'Ann Lee',
      site: 'Handbook',
      publishedAt: '2025-03-04T09:00:00.000Z',
      language: 'en-GB',
      canonicalUrl: 'http://handbook.example/queues',
    })
    assert.deepEqual(
      nodesOf(source.markdown, 'code').map(({ lang }) => lang),
      ['python'],
    )
    assert.deepEqual(
      nodesOf(source.markdown, 'link').map(({ url }) => url),
      ['http://handbook.example/docs/next.html'],
    )
    assert.doesNotMatch(source.markdown, /Imprint|Home/)
    assert.equal(source.revision, '"v7"')
    assert.equal(source.converter, 'web/3')
    assert.equal(new TextDecoder().decode(source.snapshot?.bytes), article)
    assert.ok(source.notes.includes('The site has no robots.txt rules for us.'))
  })

  const markdown = `# Durable queues\n\n${words}\n\n\`\`\`python\nreturn 1\n\`\`\`\n\n${words.trim()}\n`
  const withAlternate = (href: string, type = 'text/markdown') =>
    article.replace('<head>', `<head><link rel="alternate" type="${type}" href="${href}">`)

  it('that stands as Markdown too is read from there, and is still the page', async () => {
    await using w = await world({
      '/queues': {
        headers: { 'content-type': 'text/html', etag: '"p1"' },
        body: withAlternate('/queues.md'),
      },
      '/queues.md': { headers: { 'content-type': 'text/markdown', etag: '"m1"' }, body: markdown },
    })
    const source = await w.read('/queues')
    assert.equal(source.markdown, markdown)
    assert.equal(source.title, 'Durable queues')
    assert.equal(source.facts.author, 'Ann Lee')
    assert.equal(source.finalUrl, 'http://handbook.example/queues')
    assert.equal(source.revision, '"p1"')
    assert.deepEqual(source.snapshot, {
      bytes: new Uint8Array(Buffer.from(markdown)),
      mediaType: 'text/markdown',
    })
    assert.ok(source.notes.includes('Read from the Markdown version that the page names.'))
  })

  const useless: [string, string, Record<string, Route>][] = [
    ['is not there', '/m', {}],
    ['is a page again', '/m', { '/m': article }],
    [
      'calls a page Markdown',
      '/m',
      { '/m': { headers: { 'content-type': 'text/markdown' }, body: article } },
    ],
    [
      'is a stub',
      '/m',
      { '/m': { headers: { 'content-type': 'text/markdown' }, body: '# Durable queues\n' } },
    ],
    ['stands on another host', 'http://other.example/m', {}],
    ['is not public', 'http://127.0.0.1/m', {}],
    [
      'leads to another host',
      '/m',
      { '/m': { status: 302, headers: { location: 'http://127.0.0.1/' } } },
    ],
  ]
  for (const [claim, href, routes] of useless) {
    it(`whose Markdown version ${claim} is read as it is`, async () => {
      await using w = await world({ '/queues': withAlternate(href), ...routes })
      const source = await w.read('/queues')
      assert.match(source.notes.join(' '), /Main content found/)
      assert.equal(source.snapshot?.mediaType, 'text/html')
    })
  }

  it('keeps where it was moved to', async () => {
    await using w = await world({
      '/old': { status: 301, headers: { location: '/new' } },
      '/new': `<title>New</title><p>${words}</p>`,
    })
    const source = await w.read('/old')
    assert.equal(source.finalUrl, 'http://handbook.example/new')
    assert.ok(source.notes.includes('Redirected once.'))
  })

  it('that only sends its readers on is read where it sends them', async () => {
    const refresh = (to: string) =>
      `<meta http-equiv="refresh" content="0; url=${to}"><p>Moved.</p>`
    await using w = await world({
      '/start': refresh('/end'),
      '/end': `<title>End</title><p>${words}</p>`,
      '/round': refresh('/round'),
      '/secret': refresh('http://127.0.0.1/'),
    })
    const source = await w.read('/start')
    assert.equal(source.finalUrl, 'http://handbook.example/end')
    assert.ok(source.notes.includes('Redirected once.'))
    await assert.rejects(w.read('/round'), { reason: 'TOO_MANY_REDIRECTS' })
    await assert.rejects(w.read('/secret'), { reason: 'BLOCKED_ADDRESS' })
  })

  it('in another encoding is read right', async () => {
    const body = Buffer.from(`<title>Caf\u00e9</title><p>${words} d\u00e9j\u00e0 vu</p>`, 'latin1')
    await using w = await world({
      '/': { headers: { 'content-type': 'text/html; charset=ISO-8859-1' }, body },
    })
    const source = await w.read('/')
    assert.equal(source.title, 'Café')
    assert.match(source.markdown, /déjà vu/)
    assert.ok(source.notes.includes('Decoded from windows-1252.'))
  })

  it('that cannot be read fails with its own reason', async () => {
    const routes: Record<string, Route> = {
      '/NOT_FOUND': { status: 404 },
      '/NOT_FOUND?gone': { status: 410 },
      '/FORBIDDEN': { status: 401 },
      '/HTTP_ERROR': { status: 500 },
      '/UNSUPPORTED_TYPE': { headers: { 'content-type': 'image/png' }, body: 'x' },
      '/NEEDS_JAVASCRIPT': shell,
      '/NEEDS_JAVASCRIPT?loading':
        '<title>x</title><body><p>Loading…</p><script type="module" src="/a.js"></script>',
      '/EMPTY': '<!doctype html><title>x</title><body></body>',
      // Last, because no other page of the host is asked for until it may be.
      '/RATE_LIMITED': { status: 429, headers: { 'retry-after': '999' } },
    }
    await using w = await world(routes)
    for (const path of Object.keys(routes)) {
      await assert.rejects(w.read(path), { reason: path.replace(/^\/|\?.*/g, '') }, path)
    }
  })

  it('that is short is no application shell for that', async () => {
    await using w = await world({
      '/': '<title>x</title><p>Short.</p><script src="/a.js"></script>',
    })
    assert.equal((await w.read('/')).markdown, 'Short.\n')
  })
})

describe('Firecrawl', () => {
  it('reads what needs JavaScript, with the key in its own header only', async () => {
    let seen: IncomingMessage | undefined
    let asked: unknown
    await using w = await world({ '/app': shell }, async (request, response) => {
      seen = request
      asked = JSON.parse(await text(request))
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          success: true,
          data: {
            markdown: '# App\n\nHello\u200b',
            metadata: { title: 'The app', statusCode: 200 },
          },
        }),
      )
    })
    const source = await w.read('/app')
    assert.equal(source.title, 'The app')
    assert.equal(source.markdown, '# App\n\nHello\n')
    assert.equal(source.converter, 'firecrawl/2')
    assert.equal(seen?.headers.authorization, 'Bearer fc-key')
    assert.deepEqual(asked, {
      url: 'http://handbook.example/app',
      formats: ['markdown'],
      onlyMainContent: true,
      maxAge: 604_800_000,
    })
  })

  it('is asked three times before it counts as failed', async () => {
    await using w = await world({ '/app': shell }, { status: 503 })
    await assert.rejects(w.read('/app'), { reason: 'HTTP_ERROR' })
    assert.equal(w.api.count('/v2/scrape'), 3)
  })

  it('is not asked for what the site forbids', async () => {
    await using w = await world(
      { '/robots.txt': 'User-agent: *\nDisallow: /', '/app': shell },
      { status: 503 },
    )
    await assert.rejects(w.read('/app'), { reason: 'ROBOTS_DISALLOWED' })
    assert.deepEqual(w.api.requests, [])
  })

  it('that has nothing to say fails with its own reason', async () => {
    const answers: [string, unknown][] = [
      ['EMPTY', { success: true, data: { markdown: '' } }],
      ['EMPTY', 'no'],
      ['NOT_FOUND', { success: true, data: { markdown: 'x', metadata: { statusCode: 404 } } }],
    ]
    let next = 0
    await using w = await world({ '/app': shell }, (_request, response) => {
      response.end(JSON.stringify(answers[next]?.[1]))
      next += 1
    })
    for (const [reason] of answers) await assert.rejects(w.read('/app'), { reason })
  })
})
