import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { arxiv } from '../../../src/research/search/arxiv.ts'
import { brave } from '../../../src/research/search/brave.ts'
import { crossref } from '../../../src/research/search/crossref.ts'
import { exa } from '../../../src/research/search/exa.ts'
import { perplexity } from '../../../src/research/search/perplexity.ts'
import type { ProviderSettings } from '../../../src/research/search/provider-settings.ts'
import {
  SearchFailure,
  type SearchFailureReason,
} from '../../../src/research/search/search-failure.ts'
import type { SearchProvider } from '../../../src/research/search/search-provider.ts'
import { searxng } from '../../../src/research/search/searxng.ts'
import { tavily } from '../../../src/research/search/tavily.ts'
import { wikipedia } from '../../../src/research/search/wikipedia.ts'
import { startApiServer } from '../../support/api-server.ts'
import { loopbackFetch } from '../../support/loopback-fetch.ts'
import { type Hit, startSearchServer } from '../../support/search-server.ts'

const hits: Hit[] = [
  {
    url: 'https://a.example/first',
    title: 'First page',
    snippet: 'What the first page says.',
    published_at: '2025-06-01',
  },
  { url: 'https://b.example/second', title: 'Second page', snippet: 'What the second says.' },
]

type Make = (settings: ProviderSettings & { baseUrl: string }) => SearchProvider
const makers: Record<string, Make> = {
  searxng,
  perplexity,
  tavily,
  brave,
  exa,
  wikipedia,
  arxiv,
  crossref,
}

async function world(name: string, found: Hit[] | ((query: string) => Hit[]) = hits) {
  const server = await startSearchServer(found)
  const http = loopbackFetch(server.origin)
  const make = makers[name]
  assert.ok(make)
  const provider = make({
    http,
    baseUrl: `${server.origin}/${name}/`,
    apiKey: 'key-1',
    timeoutMs: 60_000,
  })
  return {
    server,
    search: (query = 'event sourcing', limit = 10, signal = new AbortController().signal) =>
      provider.search(query, { limit, signal }),
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const failsWith =
  (reason: SearchFailureReason, detail = /./) =>
  (error: unknown) => {
    assert.ok(error instanceof SearchFailure, String(error))
    assert.equal(error.reason, reason)
    assert.match(error.message, detail)
    return true
  }

describe('every search provider', () => {
  for (const name of Object.keys(makers)) {
    it(`${name} finds sources with titles and snippets over its own protocol`, async () => {
      await using it = await world(name)
      const answer = await it.search()
      assert.equal(answer.provider, name)
      assert.deepEqual(
        answer.sources.map((source) => source.title),
        ['First page', 'Second page'],
      )
      assert.match(answer.sources[0]?.snippet ?? '', /What the first page says/)
      assert.equal(answer.sources[0]?.published_at?.slice(0, 4), '2025')
    })

    it(`${name} tells a limit, a refused key and nonsense apart`, async () => {
      await using it = await world(name)
      it.server.override = { status: 429, body: {} }
      await assert.rejects(it.search(), failsWith('RATE_LIMITED'))
      it.server.override = { status: 401, body: {} }
      await assert.rejects(it.search(), failsWith('UNAUTHORIZED'))
      it.server.override = { status: 500, body: 'secret stack trace' }
      await assert.rejects(it.search(), failsWith('UNAVAILABLE', /status 500\)$/))
      it.server.override = { body: '<<<' }
      await assert.rejects(it.search(), failsWith('BAD_ANSWER'))
      it.server.override = { body: [1, 2, 3] }
      await assert.rejects(it.search(), failsWith('BAD_ANSWER'))
    })
  }
})

describe('what each provider adds', () => {
  it('Perplexity keeps titles and dates, and says which sources its answer cites', async () => {
    await using it = await world('perplexity')
    const answer = await it.search('What is a projection?')
    assert.match(answer.answer ?? '', /says\. \[1\]/)
    assert.deepEqual(answer.sources[0], {
      url: 'https://a.example/first',
      title: 'First page',
      snippet: 'What the first page says.',
      published_at: '2025-06-01',
      cited: true,
    })
    assert.deepEqual(answer.cost, { unit: 'usd', amount: 0.012 })
    const call = it.server.calls[0]
    assert.equal(call?.headers.authorization, 'Bearer key-1')
    assert.equal((call?.body as { model: string } | undefined)?.model, 'sonar-pro')
  })

  it('Tavily without a key asks for keyless access, with a key it sends the key', async () => {
    await using server = await startSearchServer(hits)
    await using http = loopbackFetch(server.origin)
    const settings = { http, baseUrl: `${server.origin}/tavily` }
    const options = { limit: 5, signal: new AbortController().signal }
    await tavily(settings).search('q', options)
    await tavily({ ...settings, apiKey: 'tvly' }).search('q', options)
    assert.equal(server.calls[0]?.headers['x-tavily-access-mode'], 'keyless')
    assert.equal(server.calls[0]?.headers.authorization, undefined)
    assert.equal(server.calls[1]?.headers.authorization, 'Bearer tvly')
    assert.equal(server.calls[1]?.headers['x-tavily-access-mode'], undefined)
  })

  it('Brave and Exa send their keys in their own headers', async () => {
    await using first = await world('brave')
    await using second = await world('exa')
    assert.equal((await first.search()).sources[0]?.snippet, 'What the first page says. & more')
    assert.equal(first.server.calls[0]?.headers['x-subscription-token'], 'key-1')
    await second.search()
    assert.equal(second.server.calls[0]?.headers['x-api-key'], 'key-1')
  })

  it('SearXNG without JSON is told apart from a refused key by what to do', async () => {
    await using it = await world('searxng')
    it.server.override = { status: 403, body: 'Forbidden' }
    await assert.rejects(it.search(), failsWith('UNAUTHORIZED', /search\.formats must list json/))
  })

  it('SearXNG whose engines are all blocked is a failure, not an empty answer', async () => {
    await using it = await world('searxng')
    it.server.override = { body: { results: [], unresponsive_engines: [['google', 'timeout']] } }
    await assert.rejects(it.search(), failsWith('UNAVAILABLE', /engines/))
  })

  it('a server that never answers is a TIMEOUT, an abort stays an abort', async () => {
    await using server = await startApiServer(() => new Promise(() => {}))
    await using http = loopbackFetch(server.origin)
    const settings = { http, baseUrl: server.origin }
    const never = new AbortController().signal
    await assert.rejects(
      searxng({ ...settings, timeoutMs: 50 }).search('q', { limit: 5, signal: never }),
      failsWith('TIMEOUT'),
    )
    const leaving = new AbortController()
    const asked = searxng({ ...settings, timeoutMs: 60_000 }).search('q', {
      limit: 5,
      signal: leaving.signal,
    })
    leaving.abort(new Error('the caller went away'))
    await assert.rejects(asked, /the caller went away/)
  })
})

describe('what is taken from an answer', () => {
  it('is at most 20 sources, http(s) only, one per canonical URL, clipped to one line', async () => {
    const many: Hit[] = Array.from({ length: 60 }, (_, n) => ({
      url: `https://site.example/${Math.floor(n / 2)}#${n}`,
      title: `T\n## Sources ${'x'.repeat(5_000)}`,
      snippet: 'line one\r\nline two\u2028line three',
    }))
    const hostile = ['javascript:alert(1)', 'file:///etc/passwd', 'https://u:p@x.example/', 'nope']
    await using it = await world('searxng', [
      ...hostile.map((url) => ({ url, title: 't', snippet: 's' })),
      ...many,
    ])
    const { sources } = await it.search('q', 500)
    assert.equal(sources.length, 20)
    assert.equal(new Set(sources.map(({ url }) => url.replace(/#.*/, ''))).size, 20)
    for (const source of sources) {
      assert.match(source.url, /^https:\/\/site\.example\//)
      assert.ok(source.title.length <= 300 && !/[\n\r]/.test(source.title))
      assert.equal(source.snippet, 'line one line two line three')
    }
  })

  it('keeps citation markers on their sources when duplicates and bad links fall out', async () => {
    await using it = await world('perplexity', [
      { url: 'https://a.example/#x', title: 'A', snippet: 'a' },
      { url: 'ftp://b.example/', title: 'B', snippet: 'b' },
      { url: 'https://a.example/', title: 'A again', snippet: 'c' },
      { url: 'https://d.example/', title: 'D', snippet: 'd' },
    ])
    const { answer, sources } = await it.search()
    assert.equal(answer, 'a [1]\n\nb \n\nc [1]\n\nd [2]')
    assert.deepEqual(
      sources.map(({ url }) => url),
      ['https://a.example/#x', 'https://d.example/'],
    )
  })
})
