import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ModelChoice } from '../../../src/research/models/model-choice.ts'
import { modelSearch } from '../../../src/research/search/model-search.ts'
import { SearchFailure } from '../../../src/research/search/search-failure.ts'
import type { ApiReply } from '../../support/api-server.ts'
import { loopbackFetch } from '../../support/loopback-fetch.ts'
import {
  anthropicAnswer,
  googleAnswer,
  openaiAnswer,
  startModelServer,
} from '../../support/model-server.ts'

async function ask(provider: ModelChoice['provider'], reply: ApiReply) {
  await using server = await startModelServer(() => ({ reply }))
  await using http = loopbackFetch(server.origin)
  // The SDK adds Google's search only for models that it takes for Gemini.
  const model = provider === 'google' ? 'gemini-3.8-flash' : 'm-1'
  const choice = { provider, model, apiKey: 'k', baseUrl: `${server.origin}/${provider}` }
  const answer = await modelSearch(choice, { http }).search('What is new?', {
    limit: 10,
    signal: new AbortController().signal,
  })
  return { answer, body: JSON.stringify(server.calls[0]?.body) }
}

describe("a model's own web search", () => {
  it('OpenAI: cited pages have titles and markers, seen pages follow uncited', async () => {
    const text = 'Postgres 18 is out (docs). More to come.'
    const { answer, body } = await ask('openai', {
      body: openaiAnswer(
        text,
        [
          {
            type: 'url_citation',
            url: 'https://pg.example/18?utm_source=openai',
            title: 'PostgreSQL 18',
            start_index: 19,
            end_index: 25,
          },
        ],
        [
          {
            type: 'web_search_call',
            id: 'ws_1',
            status: 'completed',
            action: {
              type: 'search',
              query: 'q',
              sources: [
                { type: 'url', url: 'https://other.example/' },
                { type: 'url', url: 'https://pg.example/18' },
              ],
            },
          },
        ],
      ),
    })
    assert.match(body, /"type":"web_search"/)
    assert.equal(answer.answer, 'Postgres 18 is out (docs)[1]. More to come.')
    assert.deepEqual(
      answer.sources.map(({ url, title, cited }) => ({ url, title, cited })),
      [
        { url: 'https://pg.example/18', title: 'PostgreSQL 18', cited: true },
        { url: 'https://other.example/', title: 'other.example', cited: false },
      ],
    )
  })

  it('Anthropic: the supporting passage becomes the snippet', async () => {
    const location = {
      type: 'web_search_result_location',
      url: 'https://a.example/x',
      title: 'A page',
      encrypted_index: 'e',
      cited_text: 'The passage that says so.',
    }
    const { answer, body } = await ask('anthropic', {
      body: anthropicAnswer([
        { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'q' } },
        {
          type: 'web_search_tool_result',
          tool_use_id: 's1',
          content: [
            {
              type: 'web_search_result',
              url: 'https://a.example/x',
              title: 'A page',
              encrypted_content: 'c',
              page_age: null,
            },
            {
              type: 'web_search_result',
              url: 'https://b.example/y',
              title: 'Another',
              encrypted_content: 'c',
              page_age: null,
            },
          ],
        },
        { type: 'text', text: 'It is so', citations: [location] },
        { type: 'text', text: '. The rest is guessing.' },
      ]),
    })
    assert.match(body, /web_search_20250305/)
    assert.equal(answer.answer, 'It is so[1]. The rest is guessing.')
    assert.deepEqual(
      answer.sources.map(({ url, snippet, cited }) => ({ url, snippet, cited })),
      [
        { url: 'https://a.example/x', snippet: 'The passage that says so.', cited: true },
        { url: 'https://b.example/y', snippet: null, cited: false },
      ],
    )
  })

  it('Gemini: markers stand behind the grounded segment, counted in bytes', async () => {
    const text = 'Größe zählt. Mehr nicht.'
    const { answer, body } = await ask('google', {
      body: googleAnswer(text, {
        webSearchQueries: ['q'],
        groundingChunks: [
          { web: { uri: 'https://one.example/', title: 'one.example' } },
          { web: { uri: 'https://two.example/', title: 'two.example' } },
        ],
        groundingSupports: [
          {
            segment: { startIndex: 0, endIndex: Buffer.byteLength('Größe zählt.'), text: 'x' },
            groundingChunkIndices: [1],
          },
        ],
      }),
    })
    assert.match(body, /googleSearch/)
    assert.equal(answer.answer, 'Größe zählt.[1] Mehr nicht.')
    assert.deepEqual(answer.sources[0], {
      url: 'https://two.example/',
      title: 'two.example',
      snippet: null,
      published_at: null,
      cited: true,
    })
    assert.deepEqual(
      answer.sources.map(({ url, cited }) => [url, cited]),
      [
        ['https://two.example/', true],
        ['https://one.example/', false],
      ],
    )
  })

  for (const url of [null, undefined, 7, '']) {
    it(`a link that is ${JSON.stringify(url)} costs no model's answer, and no other link`, async () => {
      const good = 'https://a.example/x'
      const cite = (link: unknown) => ({
        type: 'url_citation',
        url: link,
        title: null,
        start_index: 0,
        end_index: 2,
      })
      const call = {
        type: 'web_search_call',
        id: 'ws',
        status: 'completed',
        action: { type: 'search', sources: [{ type: 'url', url }, null] },
      }
      const openai = await ask('openai', {
        body: openaiAnswer('So.', [cite(url), cite(good), null], [call, { type: 'unheard_of' }]),
      })
      assert.equal(openai.answer.answer, 'So[1].')

      const location = (link: unknown) => ({
        type: 'web_search_result_location',
        url: link,
        cited_text: 'It.',
      })
      const result = (link: unknown) => ({ type: 'web_search_result', url: link, title: 'T' })
      const anthropic = await ask('anthropic', {
        body: anthropicAnswer([
          { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'q' } },
          {
            type: 'web_search_tool_result',
            tool_use_id: 's1',
            content: [result(url), result(good)],
          },
          { type: 'text', text: 'So', citations: [location(url), location(good)] },
        ]),
      })
      assert.equal(anthropic.answer.answer, 'So[1]')

      const google = await ask('google', {
        body: googleAnswer('So. Not.', {
          groundingChunks: [{ web: { uri: url, title: 'x' } }, { web: { uri: good } }, null],
          groundingSupports: [
            { segment: { endIndex: 3 }, groundingChunkIndices: [0, 1, null] },
            'broken',
            { segment: null, groundingChunkIndices: null },
          ],
        }),
      })
      assert.equal(google.answer.answer, 'So.[1] Not.')
      for (const { answer } of [openai, anthropic, google]) {
        assert.deepEqual(
          answer.sources.map((source) => source.url),
          [good],
        )
      }
    })
  }

  it('a model without a usable answer is a failed search, so that the next provider is asked', async () => {
    await assert.rejects(
      ask('openai', { body: openaiAnswer('As I remember …', []) }),
      (error) => error instanceof SearchFailure && /it did not search/.test(error.message),
    )
    await assert.rejects(
      ask('openai', { body: openaiAnswer('', []) }),
      (error) => error instanceof SearchFailure && error.reason === 'BAD_ANSWER',
    )
    await assert.rejects(
      ask('google', { status: 403, body: { error: { message: 'no' } } }),
      (error) => error instanceof SearchFailure && error.reason === 'UNAUTHORIZED',
    )
    await assert.rejects(
      ask('compatible', { body: {} }),
      (error) => error instanceof SearchFailure && error.reason === 'NOT_CONFIGURED',
    )
  })
})
