import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  archiveArticle,
  decideArchiveArticle,
} from '../../../src/commands/articles/archive-article.ts'
import { loadArticle } from '../../../src/commands/articles/article-stream.ts'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { extractUrls } from '../../../src/commands/articles/extract-urls.ts'
import { Refusal, type RefusalCode } from '../../../src/errors.ts'
import { nextStep } from '../../../src/events/articles/next-step.ts'
import { archived, articleSpec, created, now, unarchived } from '../../support/article-facts.ts'
import { caller, commandWorld } from '../../support/command-world.ts'

const isRefusal = (code: RefusalCode) => (error: unknown) =>
  error instanceof Refusal && error.code === code
const ada = caller('ada')
const guideline = Buffer.from('# Ledgers\n\nhttps://a.example/1')
const put = { archived: true, now }
const take = { archived: false, now }
const given = articleSpec(decideArchiveArticle)

describe('archiving an article', () => {
  it('is on record, and so is taking it back', () => {
    given(created).when(put).thenEvents(archived)
    given(created, archived).when(take).thenEvents(unarchived)
  })

  it('adds nothing when it is as wanted already', () => {
    given(created, archived).when(put).thenNothing()
    given(created).when(take).thenNothing()
    given(created, archived, unarchived).when(take).thenNothing()
  })
})

describe('an archived article', { concurrency: true }, () => {
  it('stays readable, takes no more work, and goes on when it is taken back', async () => {
    await using w = await commandWorld()
    const { articleId } = await createArticle(w.deps, ada, { guideline })
    await archiveArticle(w.deps, ada, { articleId, archived: true })
    await assert.rejects(extractUrls(w.deps, ada, { articleId }), isRefusal('ARTICLE_ARCHIVED'))
    const { article } = await loadArticle(w.deps.store, 'ada', articleId)
    assert.equal(article.title, 'Ledgers')
    assert.equal(nextStep(article).tool, null)
    await archiveArticle(w.deps, ada, { articleId, archived: false })
    const extracted = await extractUrls(w.deps, ada, { articleId })
    assert.equal(extracted.article.sources.size, 1)
  })

  it('is archived by its user only, and to others it does not exist', async () => {
    await using w = await commandWorld()
    const { articleId } = await createArticle(w.deps, ada, { guideline })
    for (const archived of [true, false]) {
      const foreign = archiveArticle(w.deps, caller('bob'), { articleId, archived })
      await assert.rejects(foreign, isRefusal('ARTICLE_NOT_FOUND'))
      await assert.rejects(
        archiveArticle(w.deps, ada, { articleId: 'article', archived }),
        isRefusal('ARTICLE_ID_INVALID'),
      )
    }
  })
})
