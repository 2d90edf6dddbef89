import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadArticle } from '../../../src/commands/articles/article-stream.ts'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { eraseArticle } from '../../../src/commands/articles/erase-article.ts'
import { renameArticle } from '../../../src/commands/articles/rename-article.ts'
import type { Erasure } from '../../../src/store/events/erasure.ts'
import { caller, commandWorld } from '../../support/command-world.ts'

const ada = caller('ada')

/** A world in which the article is renamed just before each of the first so many attempts to erase it. */
async function changedBeforeErasing(times: number) {
  const w = await commandWorld()
  const { articleId } = await createArticle(w.deps, ada, { guideline: Buffer.from('# A') })
  let attempts = 0
  const erasure: Erasure = {
    ...w.deps.erasure,
    async erase(request) {
      attempts += 1
      if (attempts <= times) {
        await renameArticle(w.deps, ada, { articleId, title: `Title ${attempts}` })
      }
      return w.deps.erasure.erase(request)
    },
  }
  return { ...w, articleId, deps: { ...w.deps, erasure }, attempts: () => attempts }
}

describe('erasing an article', { concurrency: true }, () => {
  it('erases also what was added while it began', async () => {
    await using w = await changedBeforeErasing(2)
    const { articleId } = w
    const erased = await eraseArticle(w.deps, ada, { articleId })
    assert.deepEqual([w.attempts(), erased.events], [3, 3])
    await assert.rejects(loadArticle(w.deps.store, 'ada', articleId), { code: 'ARTICLE_NOT_FOUND' })
  })

  it('gives up, and changes nothing, when it is always too late', async () => {
    await using w = await changedBeforeErasing(100)
    const { articleId } = w
    await assert.rejects(eraseArticle(w.deps, ada, { articleId }), { code: 'CONCURRENT_CHANGE' })
    const { article } = await loadArticle(w.deps.store, 'ada', articleId)
    assert.equal(article.title, `Title ${w.attempts()}`)
    assert.equal(w.attempts(), 12)
  })

  it('is not tried again when something else went wrong', async () => {
    await using w = await commandWorld()
    const { articleId } = await createArticle(w.deps, ada, { guideline: Buffer.from('# A') })
    let attempts = 0
    const broken: Erasure = {
      async erase() {
        attempts += 1
        throw new Error('the disk is gone')
      },
    }
    const erasing = eraseArticle({ ...w.deps, erasure: broken }, ada, { articleId })
    await assert.rejects(erasing, /the disk is gone/)
    assert.equal(attempts, 1)
  })
})
