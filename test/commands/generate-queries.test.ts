import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createArticle } from '../../src/commands/create-article.ts'
import { decideGenerateQueries, generateQueries } from '../../src/commands/generate-queries.ts'
import { QueriesGenerated } from '../../src/events/article-events.ts'
import { articleSpec, asked, at, created, extracted, now } from '../support/article-facts.ts'
import { caller, commandWorld } from '../support/command-world.ts'

const propose = (...queries: string[]) => ({
  queries: queries.map((query) => ({ query, reason: 'a gap' })),
  by: 'agent' as const,
  note: null,
  now,
})

describe('generate queries', { concurrency: true }, () => {
  const given = articleSpec(decideGenerateQueries)

  it('begins a round and numbers go on through all rounds', () => {
    given(created, extracted, asked(1, 1, 2))
      .when(propose('three?', 'four?'))
      .thenEvents(
        QueriesGenerated({
          round: 2,
          queries: [
            { query_number: 3, query: 'three?', reason: 'a gap' },
            { query_number: 4, query: 'four?', reason: 'a gap' },
          ],
          by: 'agent',
          note: null,
          generated_at: at,
        }),
      )
  })

  it('asks nothing twice, whatever its case and spaces', () => {
    given(created, asked(1, 1)).when(propose('Query  1', ' query 1 ')).thenNothing()
  })

  it('takes a bounded number and gives a reason to each', () => {
    const many = Array.from({ length: 50 }, (_, n) => `question ${n}`)
    given(created)
      .when({ ...propose(...many), queries: many.map((query) => ({ query, reason: ' ' })) })
      .thenCheck(([event]) => {
        assert.ok(event?.type === 'QueriesGenerated')
        assert.equal(event.data.queries.length, 20)
        assert.ok(event.data.queries.every(({ reason }) => reason === 'No reason given.'))
      })
  })

  it('plans without a model and with nothing but the guideline, three rounds without repeats', async () => {
    await using w = await commandWorld()
    const ada = caller('ada')
    const guideline = Buffer.from('# Ledgers\n\n## Double entry\n\n- balances\n\n## Audit trails\n')
    const { articleId } = await createArticle(w.deps, ada, { guideline })
    const deps = { ...w.deps, model: null }
    const all: string[] = []
    for (const round of [1, 2, 3]) {
      const planned = await generateQueries(deps, ada, { articleId, count: 5 })
      assert.equal(planned.round, round)
      assert.equal(planned.by, 'heuristic')
      all.push(...planned.queries.map(({ query }) => query))
    }
    assert.equal(new Set(all).size, 15)
  })
})
