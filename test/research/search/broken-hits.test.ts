import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { arxiv } from '../../../src/research/search/arxiv.ts'
import { brave } from '../../../src/research/search/brave.ts'
import { crossref } from '../../../src/research/search/crossref.ts'
import { exa } from '../../../src/research/search/exa.ts'
import { perplexity } from '../../../src/research/search/perplexity.ts'
import type { ProviderSettings } from '../../../src/research/search/provider-settings.ts'
import type { SearchProvider } from '../../../src/research/search/search-provider.ts'
import { searxng } from '../../../src/research/search/searxng.ts'
import { tavily } from '../../../src/research/search/tavily.ts'
import { wikipedia } from '../../../src/research/search/wikipedia.ts'
import { loopbackFetch } from '../../support/loopback-fetch.ts'
import {
  arxivAnswer,
  type Hit,
  searchAnswers,
  startSearchServer,
} from '../../support/search-server.ts'

type Name = keyof typeof searchAnswers
type Make = (settings: ProviderSettings & { baseUrl: string }) => SearchProvider

/** Where each service has its list, and what in a hit of it leads to the page. */
const services: Record<Name, { make: Make; list: string[]; address: string }> = {
  searxng: { make: searxng, list: ['results'], address: 'url' },
  perplexity: { make: perplexity, list: ['search_results'], address: 'url' },
  tavily: { make: tavily, list: ['results'], address: 'url' },
  brave: { make: brave, list: ['web', 'results'], address: 'url' },
  exa: { make: exa, list: ['results'], address: 'url' },
  wikipedia: { make: wikipedia, list: ['query', 'search'], address: 'title' },
  crossref: { make: crossref, list: ['message', 'items'], address: 'DOI' },
}
const names = Object.keys(services) as Name[]

const hits: Hit[] = [0, 1, 2, 3].map((n) => ({
  url: `https://e.example/${n}`,
  title: `Title ${n}`,
  snippet: `Says ${n}.`,
  published_at: '2025-06-01',
}))

const never = new AbortController().signal

async function world() {
  const server = await startSearchServer(hits)
  const http = loopbackFetch(server.origin)
  return {
    async ask(name: Name, body: unknown) {
      server.override = { body }
      const settings = { http, baseUrl: `${server.origin}/${name}/`, apiKey: 'k' }
      return await services[name].make(settings).search('q', { limit: 10, signal: never })
    },
    server,
    http,
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

type Json = Record<string, unknown>

const listIn = (body: unknown, path: readonly string[]): Json[] =>
  path.reduce((value, key) => (value as Json)[key], body) as Json[]

/** The same JSON with the keys of every object the other way round. */
const reversed = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(reversed)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([k, v]) => [k, reversed(v)]),
        )
      : value

const anything = fc.constantFrom<unknown>(null, 7, '', 'x', false, [], {}, [null], { a: 1 })

describe('an answer that was paid for', () => {
  it('keeps its hits beside one without an address, at every service', async () => {
    await using it = await world()
    for (const name of names) {
      const { list, address } = services[name]
      for (const bad of [null, 7, undefined]) {
        const body = structuredClone(searchAnswers[name](hits))
        Object.assign(listIn(body, list)[0] ?? {}, { [address]: bad })
        if (name === 'perplexity') Object.assign(body, { citations: null })
        const { sources } = await it.ask(name, body)
        assert.deepEqual(
          sources.map(({ title }) => title),
          ['Title 1', 'Title 2', 'Title 3'],
          `${name} ${bad}`,
        )
      }
    }
  })

  it('loses what is broken and nothing else, for any hit, field, value and order of keys', async () => {
    await using it = await world()
    const field = fc.option(fc.nat(8), { nil: null })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.nat(3),
        field,
        anything,
        fc.boolean(),
        async (name, place, key, value, turned) => {
          const body = structuredClone(searchAnswers[name](hits))
          const found = listIn(body, services[name].list)
          const hit = found[place] ?? {}
          const keys = Object.keys(hit)
          if (key === null) (found as unknown[])[place] = value
          else hit[keys[key % keys.length] ?? ''] = value
          const { sources } = await it.ask(name, turned ? reversed(body) : body)
          const titles = new Set(sources.map(({ title }) => title))
          for (const n of [0, 1, 2, 3]) {
            if (n !== place) assert.ok(titles.has(`Title ${n}`), `${name} ${n} of ${[...titles]}`)
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  it('keeps the text when the list of hits is broken, and more hits than were asked for', async () => {
    await using it = await world()
    for (const results of [null, 'x', {}]) {
      const found = await it.ask('tavily', { answer: 'A short answer.', results })
      assert.equal(found.answer, 'A short answer.')
    }
    const many = Array.from({ length: 900 }, () => hits[0] as Hit)
    assert.equal((await it.ask('searxng', searchAnswers.searxng(many))).sources.length, 1)
    await assert.rejects(it.ask('tavily', { detail: 'no' }), /BAD_ANSWER|cannot be read/)
  })

  it('arXiv keeps the entries beside one without an id', async () => {
    await using it = await world()
    const xml = arxivAnswer(hits).replace(/<id>[^<]*<\/id>/, '')
    it.server.override = { headers: { 'content-type': 'application/atom+xml' }, body: xml }
    const provider = arxiv({ http: it.http, baseUrl: it.server.origin })
    const { sources } = await provider.search('q', { limit: 10, signal: never })
    assert.deepEqual(
      sources.map(({ title }) => title),
      ['Title 1', 'Title 2', 'Title 3'],
    )
  })
})

describe('citation marks', () => {
  const says = (content: unknown, more: object = {}) => ({
    ...searchAnswers.perplexity(hits),
    choices: [null, { message: { content } }],
    ...more,
  })

  it('follow their sources when one before them has no address', async () => {
    await using it = await world()
    const citations = [null, 'https://e.example/1', 7, 'https://e.example/3']
    const without = { citations, search_results: null }
    const found = await it.ask(
      'perplexity',
      says('a [1] b [2] c [3] d [4] e [2, 4] f [1-4]', without),
    )
    assert.equal(found.answer, 'a  b [1] c  d [2] e [1][2] f [1][2]')
    assert.deepEqual(
      found.sources.map(({ url, cited }) => [url, cited]),
      [
        ['https://e.example/1', true],
        ['https://e.example/3', true],
      ],
    )
  })

  it('a citation without an address takes that of the result in its place', async () => {
    await using it = await world()
    const found = await it.ask('perplexity', says('b [2]', { citations: [null, null] }))
    assert.equal(found.answer, 'b [2]')
    assert.equal(found.sources[1]?.url, 'https://e.example/1')
    assert.equal(found.sources[1]?.cited, true)
  })

  it('leave alone what stands in code, a link, an interval, and a year', async () => {
    await using it = await world()
    const text =
      'Read `a[0]` and\n\n```js\nb[3] = c[1]\n```\n\n[1](https://e.example/1) [0, 90] [2024]'
    assert.equal((await it.ask('perplexity', says(text))).answer, text)
  })

  it('a text in pieces is one text', async () => {
    await using it = await world()
    const pieces = [{ type: 'text', text: 'One ' }, null, { type: 'text', text: 'answer [1].' }]
    assert.equal((await it.ask('perplexity', says(pieces))).answer, 'One answer [1].')
  })
})
