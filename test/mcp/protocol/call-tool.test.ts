import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mcpWorld } from '../../support/mcp-world.ts'

describe('the arguments of a call', () => {
  it('may call an article by article_guideline_id, as long as they do not call it twice', async () => {
    await using world = await mcpWorld()
    const { ok, call } = await world.connect('auto')
    const { article_id } = await ok('create_article', { guideline: '# On ledgers' })
    const named = await ok('get_article', { article_guideline_id: article_id })
    assert.equal(named.article_id, article_id)
    // Its own name wins, and a tool without such an argument takes neither.
    const both = { article_id, article_guideline_id: 'other' }
    assert.equal((await ok('get_article', both)).article_id, article_id)
    const stray = await call('list_articles', { article_guideline_id: article_id })
    assert.ok(stray.isError && stray.text.includes('ARGUMENT_INVALID'), stray.text)
  })

  it('may give a query as its text alone, beside the form that the listing shows', async () => {
    await using world = await mcpWorld()
    const { ok } = await world.connect('auto')
    const { article_id } = await ok('create_article', { guideline: '# On ledgers' })
    const queries = ['what is a ledger', { query: 'who keeps one', reason: 'the reader asks' }]
    const { queries: taken } = await ok('generate_next_queries', { article_id, queries })
    assert.deepEqual(
      (taken as { query: string; reason: string }[]).map(({ query, reason }) => [query, reason]),
      [
        ['what is a ledger', 'Asked by the calling agent.'],
        ['who keeps one', 'the reader asks'],
      ],
    )
  })
})
