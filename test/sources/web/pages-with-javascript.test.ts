import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { createExtractionProcess } from '../../../src/sources/extraction/process/extraction-process.ts'
import { createFirecrawl } from '../../../src/sources/web/firecrawl.ts'
import { createRenderService } from '../../../src/sources/web/render-service.ts'
import { createWebReader } from '../../../src/sources/web/web-source.ts'
import { guarded } from '../../support/guarded.ts'
import { type Route, startSite } from '../../support/site.ts'

const words = 'Queues hold work between the moment of asking and the moment of doing. '.repeat(12)
const shell = (head = '') =>
  `<!doctype html><title>App</title>${head}<div id="root"></div><script src="/app.js"></script>`
const rendered = `<!doctype html><title>The app</title><main><article><h1>The app</h1><p>${words}</p></article></main>`
const markdown = `# The app\n\n${words.trim()}\n`
const md = (body = markdown, type = 'text/markdown'): Route => ({
  headers: { 'content-type': type },
  body,
})

/** A site of applications, and the services beside it under names of their own. */
async function world(
  routes: Record<string, Route>,
  services: { render?: Route; firecrawl?: Route } = {},
) {
  const site = await startSite(routes)
  const browser = await startSite({
    ...(services.render && { '/base/content': services.render }),
    ...(services.firecrawl && { '/v2/scrape': services.firecrawl }),
  })
  const fetch = guarded({ allow: [site.allow('app.example')] })
  const asking = guarded({ allow: [browser.allow('render.example', 3000)] })
  const extraction = createExtractionProcess()
  const baseUrl = 'http://render.example:3000'
  const read = createWebReader({
    fetch,
    extraction,
    render: [
      ...(services.render
        ? [createRenderService(asking, extraction, { baseUrl: `${baseUrl}/base/`, token: 'tok' })]
        : []),
      ...(services.firecrawl ? [createFirecrawl(asking, { baseUrl, apiKey: 'fc' })] : []),
    ],
  })
  return {
    site,
    browser,
    read: (path: string) =>
      read({
        url: `http://app.example${path}`,
        kind: 'web',
        signal: AbortSignal.timeout(240_000),
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all([extraction.close(), fetch.close(), asking.close()])
      await site[Symbol.asyncDispose]()
      await browser[Symbol.asyncDispose]()
    },
  }
}

const answering = (headers: Record<string, string>, body = rendered): Route => ({
  headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
  body,
})

describe('a render service', () => {
  it('is given the address of a page that needs JavaScript, and its HTML is the source', async () => {
    let asked: unknown
    let path: string | undefined
    await using w = await world(
      { '/docs': shell() },
      {
        render: async (request, response) => {
          path = request.url
          asked = JSON.parse(await text(request))
          response.writeHead(200, { 'content-type': 'text/html' }).end(rendered)
        },
      },
    )
    const source = await w.read('/docs')
    assert.equal(path, '/base/content?token=tok')
    assert.equal((asked as { url: string }).url, 'http://app.example/docs')
    assert.equal(source.title, 'The app')
    assert.match(source.markdown, /Queues hold work/)
    assert.equal(source.finalUrl, 'http://app.example/docs')
    assert.equal(source.converter, 'render/1')
    assert.equal(new TextDecoder().decode(source.snapshot?.bytes), rendered)
    assert.ok(source.notes.includes('Rendered by the service at render.example:3000.'))
    assert.match(source.notes[0] ?? '', /JavaScript/)
  })

  it('is not asked for a page that can be read, that is not public, or that forbids it', async () => {
    const article = `<title>A</title><main><p>${words}</p></main>`
    await using w = await world(
      { '/robots.txt': 'User-agent: *\nDisallow: /app', '/app': shell(), '/page': article },
      { render: answering({}) },
    )
    await w.read('/page')
    await assert.rejects(w.read('/app'), { reason: 'ROBOTS_DISALLOWED' })
    await assert.rejects(w.read(':1/'), { reason: 'BLOCKED_ADDRESS' })
    assert.deepEqual(w.browser.requests, [])
  })

  const failing: [string, Route, string][] = [
    ['answers with an error', { status: 500 }, 'HTTP_ERROR'],
    ['is busy', { status: 429 }, 'RATE_LIMITED'],
    ['found an error page', answering({ 'x-response-code': '404' }), 'NOT_FOUND'],
    ['answers with no HTML', { body: '{"error":"token tok"}' }, 'HTTP_ERROR'],
    ['still shows nothing', answering({}, shell()), 'NEEDS_JAVASCRIPT'],
    [
      'was led to a private address',
      answering({ 'x-response-url': 'http://router.example/', 'x-response-ip': '10.0.0.1' }),
      'BLOCKED_ADDRESS',
    ],
  ]
  for (const [what, render, reason] of failing) {
    it(`that ${what} fails the source with its reason`, async () => {
      await using w = await world({ '/docs': shell() }, { render })
      await assert.rejects(w.read('/docs'), { reason })
    })
  }

  it('that fails leaves the page to Firecrawl', async () => {
    const data = { markdown: '# App\n\nHello', metadata: { title: 'The app' } }
    await using w = await world(
      { '/docs': shell() },
      { render: { status: 500 }, firecrawl: { body: JSON.stringify({ success: true, data }) } },
    )
    const source = await w.read('/docs')
    assert.equal(source.converter, 'firecrawl/2')
    assert.ok(source.notes.includes('Read through Firecrawl.'))
  })
})

describe('a page that needs JavaScript', () => {
  const named = shell('<link rel="alternate" type="text/markdown" href="/texts/docs">')
  const found: [string, string, Record<string, Route>][] = [
    ['names its Markdown version', '/docs', { '/docs': named, '/texts/docs': md() }],
    ['has one beside it', '/docs', { '/docs': shell(), '/docs.md': md() }],
    [
      'has one beside its file',
      '/a.html',
      { '/a.html': shell(), '/a.md': md(markdown, 'text/plain') },
    ],
    ['has one in its folder', '/docs/', { '/docs/': shell(), '/docs/index.md': md() }],
  ]
  for (const [what, path, routes] of found) {
    it(`and ${what} is read from there, before any browser`, async () => {
      await using w = await world(routes, { render: answering({}) })
      const source = await w.read(path)
      assert.equal(source.markdown, markdown)
      assert.equal(source.finalUrl, `http://app.example${path}`)
      assert.equal(source.converter, 'web/3')
      assert.ok(source.notes.includes('The page needs JavaScript; read from its Markdown version.'))
      assert.deepEqual(w.browser.requests, [])
    })
  }

  it('whose server answers everything with the application needs it still', async () => {
    await using w = await world({
      '/docs': shell(),
      '/docs.md': { headers: { 'content-type': 'text/plain' }, body: shell() },
      '/other': shell(),
      '/other.md': shell(),
    })
    await assert.rejects(w.read('/docs'), { reason: 'NEEDS_JAVASCRIPT' })
    await assert.rejects(w.read('/other'), { reason: 'NEEDS_JAVASCRIPT' })
  })
})
