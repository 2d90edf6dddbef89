import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { evolveArticle, foldArticle } from '../../../src/events/articles/article.ts'
import type { ArticleEvent } from '../../../src/events/articles/article-events.ts'
import { initialArticle } from '../../../src/events/articles/article-state.ts'
import { articleHistory } from '../../support/article-history.ts'

const histories = articleHistory(randomUUID()) as fc.Arbitrary<ArticleEvent[]>

describe('the state of an article', () => {
  it('is the same whether its events come one at a time or together', () => {
    fc.assert(
      fc.property(histories, fc.nat(40), (events, cut) => {
        const oneByOne = events.reduce(evolveArticle, initialArticle)
        assert.deepEqual(foldArticle(initialArticle, events), oneByOne)
        const before = foldArticle(initialArticle, events.slice(0, cut))
        assert.deepEqual(foldArticle(before, events.slice(cut)), oneByOne)
      }),
    )
  })

  it('is never changed by what happens afterwards', () => {
    fc.assert(
      fc.property(histories, fc.nat(40), (events, cut) => {
        const before = foldArticle(initialArticle, events.slice(0, cut))
        const copy = structuredClone(before)
        foldArticle(before, events.slice(cut))
        assert.deepEqual(before, copy)
      }),
    )
  })
})
