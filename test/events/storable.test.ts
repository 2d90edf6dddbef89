import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createArticle } from '../../src/commands/articles/create-article.ts'
import { generateQueries } from '../../src/commands/articles/generate-queries.ts'
import { caller, commandWorld } from '../support/command-world.ts'

const ada = caller('ada')

describe('text in events', { concurrency: true }, () => {
  it('can be kept when its last emoji was cut in half, or a NUL is in it', async () => {
    await using w = await commandWorld()
    const guideline = Buffer.from(`# ${'x'.repeat(199)}\u{1f600} and more`)
    const { articleId, title } = await createArticle(w.deps, ada, { guideline })
    const queries = [
      { query: 'who keeps\0ledgers?', reason: `${'y'.repeat(999)}\u{1f600}` },
      { query: 'half \ud83d of it', reason: 'a gap' },
    ]
    const { article } = await generateQueries({ ...w.deps, model: null }, ada, {
      articleId,
      count: 2,
      queries,
    })
    assert.equal(title.length, 200)
    assert.deepEqual(
      [...article.queries.values()].map(({ query }) => query),
      ['who keeps ledgers?', 'half \ufffd of it'],
    )
  })

  it('is left as it is otherwise', async () => {
    await using w = await commandWorld()
    const title = 'Ledgers \u{1f4d2}, \u5e33\u7c3f and \ufffd'
    await createArticle(w.deps, ada, { guideline: Buffer.from('# A'), title })
    const { rows } = await w.database.owner.query(`select data->>'title' as title from nova.events`)
    assert.deepEqual(rows, [{ title }])
  })
})
