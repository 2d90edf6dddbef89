import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { archiveArticle } from '../../../src/commands/articles/archive-article.ts'
import { loadArticle } from '../../../src/commands/articles/article-stream.ts'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { extractUrls } from '../../../src/commands/articles/extract-urls.ts'
import { Refusal, type RefusalCode } from '../../../src/errors.ts'
import { caller, commandWorld } from '../../support/command-world.ts'

const isRefusal = (code: RefusalCode) => (error: unknown) =>
  error instanceof Refusal && error.code === code
const ada = caller('ada')
const guideline = Buffer.from('# Ledgers\n\nhttps://a.example/1')

describe('an archived article', { concurrency: true }, () => {
  it('stays readable and takes no more work', async () => {
    await using w = await commandWorld()
    const { articleId } = await createArticle(w.deps, ada, { guideline })
    await archiveArticle(w.deps, ada, { articleId })
    await assert.rejects(extractUrls(w.deps, ada, { articleId }), isRefusal('ARTICLE_ARCHIVED'))
    await assert.rejects(archiveArticle(w.deps, ada, { articleId }), isRefusal('ARTICLE_ARCHIVED'))
    const { article, version } = await loadArticle(w.deps.store, 'ada', articleId)
    assert.equal(article.title, 'Ledgers')
    assert.equal(version, 2)
  })

  it('is archived by its user only, and to others it does not exist', async () => {
    await using w = await commandWorld()
    const { articleId } = await createArticle(w.deps, ada, { guideline })
    const foreign = archiveArticle(w.deps, caller('bob'), { articleId })
    await assert.rejects(foreign, isRefusal('ARTICLE_NOT_FOUND'))
    await assert.rejects(
      archiveArticle(w.deps, ada, { articleId: 'article' }),
      isRefusal('ARTICLE_ID_INVALID'),
    )
  })
})
