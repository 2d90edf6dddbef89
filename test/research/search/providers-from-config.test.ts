import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseConfig } from '../../../src/config.ts'
import { searchProvidersFromConfig } from '../../../src/research/search/providers-from-config.ts'
import { loopbackFetch } from '../../support/loopback-fetch.ts'

async function configured(environment: Record<string, string>) {
  await using http = loopbackFetch()
  const parsed = parseConfig(environment)
  assert.ok(parsed.ok)
  const { providers, problems } = searchProvidersFromConfig(parsed.config, {
    http,
  })
  return { names: providers.map(({ name }) => name), problems }
}

describe('which search providers are asked', () => {
  it('without a key or an address nobody is asked', async () => {
    assert.deepEqual(await configured({}), { names: [], problems: [] })
  })

  it('every provider with a key is asked, those that write cited answers first', async () => {
    const { names } = await configured({
      BRAVE_API_KEY: 'b',
      EXA_API_KEY: 'e',
      TAVILY_API_KEY: 't',
      PPLX_API_KEY: 'p',
      GOOGLE_API_KEY: 'g',
      OPENAI_API_KEY: 'o',
      ANTHROPIC_API_KEY: 'a',
      NOVA_SEARXNG_URL: 'http://127.0.0.1:8888',
    })
    assert.deepEqual(names, [
      ...['perplexity', 'google', 'openai', 'anthropic', 'exa', 'brave', 'searxng', 'tavily'],
    ])
  })

  it('NOVA_SEARCH sets the order and opens the keyless providers', async () => {
    const { names, problems } = await configured({
      NOVA_SEARCH: 'Wikipedia, tavily,arxiv,crossref,tavily',
      PPLX_API_KEY: 'p',
    })
    assert.deepEqual(names, ['wikipedia', 'tavily', 'arxiv', 'crossref'])
    assert.deepEqual(problems, [])
  })

  it('a name that cannot be followed is reported with what it needs', async () => {
    const { names, problems } = await configured({ NOVA_SEARCH: 'brave,constructor,tavily' })
    assert.deepEqual(names, ['tavily'])
    assert.match(problems[0] ?? '', /brave, which needs BRAVE_API_KEY/)
    assert.match(problems[1] ?? '', /constructor, which is none of perplexity/)
  })
})
