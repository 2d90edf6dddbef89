import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { archiveArticle } from '../../../src/commands/articles/archive-article.ts'
import { compileResearch } from '../../../src/commands/articles/compile-research.ts'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import {
  decideRenameArticle,
  renameArticle,
} from '../../../src/commands/articles/rename-article.ts'
import { articleSpec, created, now, renamed } from '../../support/article-facts.ts'
import { caller, commandWorld } from '../../support/command-world.ts'

const ada = caller('ada')
const given = articleSpec(decideRenameArticle)

describe('renaming an article', () => {
  it('is on record, as one visible line', () => {
    given(created)
      .when({ title: ' Bees\u200b in\nwinter ', now })
      .thenEvents(renamed('Bees in winter'))
  })

  it('adds nothing when it has that title already', () => {
    given(created, renamed('Bees')).when({ title: 'Bees', now }).thenNothing()
  })

  it('refuses a title that nobody can see', () => {
    given(created).when({ title: ' \u200b ', now }).thenRefused('ARGUMENT_INVALID')
  })

  it('is in what is compiled next, and an archived article keeps its name', async () => {
    await using w = await commandWorld()
    const { articleId } = await createArticle(w.deps, ada, { guideline: Buffer.from('# Ledgers') })
    const before = await compileResearch(w.deps, ada, { articleId })
    await renameArticle(w.deps, ada, { articleId, title: 'Ledgers that answer' })
    const { research } = await compileResearch(w.deps, ada, { articleId })
    assert.match(await w.deps.contents.text('ada', research.sha256), /\nLedgers that answer: /)
    assert.doesNotMatch(await w.deps.contents.text('ada', before.research.sha256), /that answer/)
    await archiveArticle(w.deps, ada, { articleId, archived: true })
    await assert.rejects(renameArticle(w.deps, ada, { articleId, title: 'Third' }), {
      code: 'ARTICLE_ARCHIVED',
    })
  })
})
