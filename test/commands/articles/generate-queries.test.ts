import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import {
  decideGenerateQueries,
  generateQueries,
} from '../../../src/commands/articles/generate-queries.ts'
import { articleStream, QueriesGenerated } from '../../../src/events/articles/article-events.ts'
import { appendTo } from '../../support/append-to.ts'
import {
  articleSpec,
  asked,
  at,
  chosen,
  created,
  extracted,
  finished,
  found,
  now,
  scraped,
  selected,
  started,
} from '../../support/article-facts.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { scriptedModel } from '../../support/scripted-model.ts'

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
    given(created)
      .when(propose('new?', ' ', 'New?', ''))
      .thenCheck(([event, ...more]) => {
        assert.ok(event?.type === 'QueriesGenerated' && more.length === 0)
        assert.deepEqual(
          event.data.queries.map(({ query }) => query),
          ['new?'],
        )
      })
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

  it('shows the planner what the guideline names, and of research what was found only', async () => {
    await using w = await commandWorld()
    const ada = caller('ada')
    const guideline = Buffer.from('# Ledgers\n\nhttps://a.example/1')
    const { articleId } = await createArticle(w.deps, ada, { guideline })
    const markdown = (text: string) => w.deps.contents.put('ada', text, 'text/markdown')
    const of = async (event: ReturnType<typeof scraped>, text: string) => ({
      ...event,
      data: { ...event.data, markdown: await markdown(text) },
    })
    await appendTo(
      w.deps.store,
      { userId: 'ada', streamId: articleStream(articleId) },
      [
        extracted,
        asked(1, 1),
        started('run_perplexity_research', [1]),
        found(1, 9),
        finished('run_perplexity_research', 'completed', 1, 0),
        selected([9, true]),
        chosen(9),
        started('scrape_and_clean_other_urls', [1], 'op2'),
        await of(scraped(1, 'op2'), 'Pacioli wrote it down.'),
        started('scrape_research_urls', [9], 'op3'),
        await of(scraped(9, 'op3'), 'Found by a search.'),
      ],
      { expectedVersion: 1, metadata: ada.metadata },
    )
    const model = scriptedModel(() => ({ queries: [{ query: 'who audits?', reason: 'a gap' }] }))
    await generateQueries({ ...w.deps, model }, ada, { articleId, count: 1 })
    const [request] = model.requests
    assert.match(request?.prompt ?? '', /Pacioli wrote it down/)
    assert.doesNotMatch(request?.prompt ?? '', /Found by a search/)
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
