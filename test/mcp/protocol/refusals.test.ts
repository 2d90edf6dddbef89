import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { clientKinds } from '../../support/mcp-clients.ts'
import { headersFor, mcpWorld } from '../../support/mcp-world.ts'

const guideline = '# A guideline\n\nSee http://pages.example/one'

describe('refusals of tools', () => {
  it('are the same for every client: JSON in the text, with what to do next', async () => {
    await using world = await mcpWorld()
    for (const kind of clientKinds) {
      const { call } = await world.connect(kind)
      const { isError, refusal, raw } = await call('get_article', { article_id: randomUUID() })
      assert.equal(isError, true)
      assert.equal(refusal.code, 'ARTICLE_NOT_FOUND')
      assert.equal(refusal.retryable, false)
      assert.match(refusal.hint, /list_articles/)
      const { _meta } = raw as { _meta?: Record<string, unknown> }
      assert.deepEqual(_meta?.['nova/refusal'], refusal)
    }
  })

  it('name the argument at fault and count nothing', async () => {
    await using world = await mcpWorld({ limit: 3 })
    const { call, ok } = await world.connect('auto')
    const refused = async (name: string, args: object) => {
      const { refusal } = await call(name, args)
      assert.equal(refusal.code, 'ARGUMENT_INVALID', name)
      return refusal.message
    }
    assert.match(await refused('get_article', {}), /article_id: is missing/)
    assert.match(await refused('get_article', { article_id: 7 }), /article_id/)
    assert.match(await refused('list_articles', { limit: 51 }), /limit/)
    assert.match(await refused('list_articles', { page: 2 }), /page: is not an argument/)
    assert.match(await refused('get_operation', { operation_id: 'x', wait_seconds: 51 }), /wait_s/)
    assert.match(await refused('account_usage', { month: '2026-13' }), /month/)
    assert.equal((await ok('account_usage')).used, 1)
  })

  it('take lists and numbers that a host sends as JSON in a string', async () => {
    await using world = await mcpWorld()
    const { ok } = await world.connect('auto')
    const { article_id } = await ok('create_article', { guideline })
    const planned = await ok('generate_next_queries', {
      article_id,
      count: '3',
      queries: '["one?", "two?"]',
    })
    assert.equal((planned.queries as object[]).length, 2)
  })

  it('say which tool comes first when steps are called out of order', async () => {
    await using world = await mcpWorld()
    const { call, ok } = await world.connect('auto')
    const { article_id } = await ok('create_article', { guideline })
    const hints: [tool: string, first: RegExp][] = [
      ['scrape_and_clean_other_urls', /extract_guidelines_urls/],
      ['process_github_urls', /extract_guidelines_urls/],
      ['transcribe_youtube_urls', /extract_guidelines_urls/],
      ['run_perplexity_research', /generate_next_queries/],
      ['select_research_sources_to_keep', /run_perplexity_research/],
      ['select_research_sources_to_scrape', /select_research_sources_to_keep/],
      ['scrape_research_urls', /select_research_sources_to_scrape/],
      ['read_research', /create_research_file/],
    ]
    for (const [tool, first] of hints) {
      const { refusal, isError } = await call(tool, { article_id })
      assert.equal(isError, true, tool)
      assert.match(refusal.hint, first, tool)
    }
    assert.equal((await ok('account_usage')).used, 2, 'what did no work is given back')
  })

  it("do not tell an unknown id from somebody else's", async () => {
    await using world = await mcpWorld({ routes: { '/one': () => undefined } })
    const ada = await world.connect('auto', 'ada')
    const bob = await world.connect('auto', 'bob')
    const { article_id } = await ada.ok('create_article', { guideline })
    await ada.ok('extract_guidelines_urls', { article_id })
    const started = await ada.ok('scrape_and_clean_other_urls', { article_id, wait_seconds: 0 })
    const pairs = [
      { tools: articleTools, theirs: { article_id }, unknown: { article_id: randomUUID() } },
      {
        tools: ['get_operation', 'cancel_operation'],
        theirs: { operation_id: started.operation_id },
        unknown: { operation_id: randomUUID() },
      },
    ]
    for (const { tools, theirs, unknown } of pairs) {
      for (const tool of tools) {
        const extra = tool === 'request_upload_link' ? { purpose: 'files' } : {}
        const [one, other] = [
          await bob.call(tool, { ...theirs, ...extra }),
          await bob.call(tool, { ...unknown, ...extra }),
        ]
        assert.equal(one.isError, true, tool)
        assert.deepEqual(one.raw, other.raw, tool)
      }
    }
    const { refusal } = await bob.call('get_article', { article_id: 'not-a-uuid' })
    assert.equal(refusal.code, 'ARTICLE_ID_INVALID')
    await ada.ok('cancel_operation', { operation_id: started.operation_id })
  })

  it('of a bug show its id and nothing else, and the call is given back', async () => {
    await using world = await mcpWorld()
    const { call, ok } = await world.connect('auto')
    await world.nova.database.owner.query('alter table nova.contents rename to lost')
    const { refusal, text } = await call('create_article', { guideline })
    assert.equal(refusal.code, 'INTERNAL')
    assert.doesNotMatch(text, /contents|relation|select|stack/i)
    const { request_id } = refusal.details as { request_id: string }
    const entry = world.logged.find((line) => line.request_id === request_id)
    assert.match(JSON.stringify(entry), /create_article/)
    assert.equal((await ok('account_usage')).used, 1)
  })

  it('ask for the scope that a token lacks', async () => {
    await using world = await mcpWorld()
    const reader = await world.connect('auto', 'ada', ['nova:read'])
    await reader.ok('list_articles')
    await assert.rejects(reader.call('create_article', { guideline }), /scope|403|forbidden/i)
    // The challenge by which clients of either line ask their user for more.
    const response = await fetch(world.url, {
      method: 'POST',
      headers: {
        ...headersFor('ada', ['nova:read']),
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'create_article', arguments: { guideline } },
      }),
    })
    assert.equal(response.status, 403)
    const challenge = response.headers.get('www-authenticate') ?? ''
    assert.match(challenge, /insufficient_scope/)
    assert.match(challenge, /scope="nova:write"/)
    assert.match(challenge, /resource_metadata="http:\/\/127.0.0.1:8000\/.well-known\/oauth-pro/)
  })
})

const articleTools = [
  'request_upload_link',
  'extract_guidelines_urls',
  'scrape_and_clean_other_urls',
  'process_github_urls',
  'transcribe_youtube_urls',
  'generate_next_queries',
  'run_perplexity_research',
  'select_research_sources_to_keep',
  'select_research_sources_to_scrape',
  'scrape_research_urls',
  'create_research_file',
  'get_article',
  'read_research',
]
