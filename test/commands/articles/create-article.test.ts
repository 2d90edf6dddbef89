import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  createArticle,
  decideCreateArticle,
} from '../../../src/commands/articles/create-article.ts'
import { evolveArticle } from '../../../src/events/articles/article.ts'
import type { ArticleEvent } from '../../../src/events/articles/article-events.ts'
import { type Article, initialArticle } from '../../../src/events/articles/article-state.ts'
import { articleId, created, now, ref } from '../../support/article-facts.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { specFor } from '../../support/given.ts'

const given = specFor<Article, ArticleEvent, Parameters<typeof decideCreateArticle>[0]>({
  initial: initialArticle,
  evolve: evolveArticle,
  decide: decideCreateArticle,
})
const command = { articleId, title: 'On ledgers', guideline: ref(1), now }

describe('create article', () => {
  it('creates an article from a guideline', () => {
    given().when(command).thenEvents(created)
  })
  it('takes the same guideline under the same id as a retry', () => {
    given(created).when(command).thenNothing()
  })
  it('refuses another guideline under an id that is taken', () => {
    given(created)
      .when({ ...command, guideline: ref(2) })
      .thenRefused('ARTICLE_EXISTS')
  })
  it('says whether it made the article or found it', async () => {
    await using w = await commandWorld()
    const create = () =>
      createArticle(w.deps, caller('ada'), { articleId, guideline: Buffer.from('# A') })
    const [first, again] = [await create(), await create()]
    assert.deepEqual([first.created, again.created], [true, false])
    assert.equal(again.appended, null)
    assert.deepEqual([again.articleId, again.title], [articleId, first.title])
  })
})
