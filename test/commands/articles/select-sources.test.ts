import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  chooseSources,
  decideChooseSources,
} from '../../../src/commands/articles/choose-sources.ts'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { decideSelectSources } from '../../../src/commands/articles/select-sources.ts'
import {
  articleStream,
  SourcesChosenForScraping,
} from '../../../src/events/articles/article-events.ts'
import { appendTo } from '../../support/append-to.ts'
import {
  articleSpec,
  asked,
  at,
  chosen,
  created,
  extracted,
  found,
  now,
  selected,
  started,
} from '../../support/article-facts.ts'
import { caller, commandWorld } from '../../support/command-world.ts'

const researched = [created, extracted, asked(1, 1), found(1, 8, 9)]
const by = { by: 'agent' as const, note: null, now }
const decide = (...decisions: [number, boolean][]) => ({
  ...by,
  decisions: decisions.map(([source, keep]) => ({ source, keep, reason: 'because' })),
})
const choose = (...sources: number[]) => ({
  ...by,
  chosen: sources.map((source) => ({ source, reason: 'because' })),
})

describe('select sources to keep', () => {
  const given = articleSpec(decideSelectSources)
  it('records a decision with its reason for every source', () => {
    given(...researched)
      .when(decide([8, true], [9, false]))
      .thenEvents(selected([8, true], [9, false]))
  })
  it('records that none is kept as a decision like any other', () => {
    given(...researched)
      .when(decide([8, false], [9, false]))
      .thenEvents(selected([8, false], [9, false]))
  })
  it('adds only what changes', () => {
    given(...researched, selected([8, true], [9, false]))
      .when(decide([8, true], [9, true]))
      .thenEvents(selected([9, true]))
    given(...researched, selected([8, true], [9, false]))
      .when(decide([8, true], [9, false]))
      .thenNothing()
  })
  it('records another reason, and that nothing was decided', () => {
    given(...researched, selected([8, true]))
      .when({ ...by, decisions: [{ source: 8, keep: true, reason: 'on second thoughts' }] })
      .thenCheck(([event]) => {
        assert.ok(event?.type === 'SourcesSelected')
        assert.equal(event.data.decisions[0]?.reason, 'on second thoughts')
      })
    given(...researched)
      .when(decide())
      .thenEvents(selected())
    given(...researched, selected())
      .when(decide())
      .thenNothing()
  })
  it('refuses a number that no search has found', () => {
    given(...researched)
      .when(decide([7, true]))
      .thenRefused('SOURCE_UNKNOWN')
    given(...researched)
      .when(decide([1, true]))
      .thenRefused('SOURCE_UNKNOWN')
  })
  it('says which tool comes first when nothing was researched', () => {
    given(created, extracted).when(decide()).thenRefused('STEP_OUT_OF_ORDER')
  })
})

describe('choose sources to scrape', () => {
  const given = articleSpec(decideChooseSources)
  it('takes sources that were kept', () => {
    given(...researched, selected([8, true], [9, false]))
      .when(choose(8))
      .thenEvents(chosen(8))
  })
  it('refuses a source that was rejected, whatever its page says', () => {
    given(...researched, selected([8, true], [9, false]))
      .when(choose(9))
      .thenRefused('SOURCE_REJECTED')
  })
  it('refuses a source that no search has found', () => {
    given(...researched, selected([8, true]))
      .when(choose(1))
      .thenRefused('SOURCE_UNKNOWN')
  })
  it('takes a bounded number', () => {
    const many = Array.from({ length: 25 }, (_, n) => n + 8)
    const kept = many.map((n): [number, boolean] => [n, true])
    given(created, extracted, asked(1, 1), found(1, ...many), selected(...kept))
      .when(choose(...many))
      .thenEvents(chosen(...many.slice(0, 20)))
  })
  it('comes after the selection', () => {
    given(...researched)
      .when(choose(8))
      .thenRefused('STEP_OUT_OF_ORDER')
  })
  it('replaces the choice before it and names what is dropped', () => {
    given(...researched, selected([8, true], [9, true]), chosen(8))
      .when(choose(9))
      .thenEvents(
        SourcesChosenForScraping({
          chosen: [{ source: 9, reason: 'because' }],
          dropped: [8],
          by: 'agent',
          note: null,
          chosen_at: at,
        }),
      )
    given(...researched, selected([8, true]), chosen(8))
      .when(choose(8))
      .thenNothing()
    given(...researched, selected([8, true], [9, true]), chosen(8))
      .when(choose(8, 9))
      .thenEvents(chosen(8, 9))
  })
  it('is left to the scorer, which is shown what was kept', async () => {
    await using w = await commandWorld()
    const ada = caller('ada')
    const { articleId } = await createArticle(w.deps, ada, { guideline: Buffer.from('# Results') })
    const stream = { userId: 'ada', streamId: articleStream(articleId) }
    await appendTo(
      w.deps.store,
      stream,
      [
        extracted,
        asked(1, 1),
        started('run_perplexity_research', [1]),
        found(1, 8, 9),
        selected([8, true], [9, false]),
      ],
      { expectedVersion: 1, metadata: ada.metadata },
    )
    const { article } = await chooseSources({ ...w.deps, model: null }, ada, { articleId, max: 5 })
    const numbers = [...article.sources.values()].filter((source) => source.chosen)
    assert.deepEqual(
      numbers.map(({ number }) => number),
      [8],
    )
  })
})
