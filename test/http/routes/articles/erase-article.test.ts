import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startTestApp } from '../../../support/app.ts'

describe('DELETE /articles/{id}', { concurrency: true }, () => {
  it('erases the article, which then is not there in any answer', async () => {
    await using test = await startTestApp()
    const articleId = await test.article('# Secret title\n\nText.')
    const kept = await test.article('# Kept\n\nText.')
    const url = `/articles/${articleId}`
    const headers = { host: 'localhost' }
    await test.project()
    const erased = await test.app.inject({ method: 'DELETE', url, headers })
    assert.equal(erased.statusCode, 200)
    assert.equal(erased.json().erased_events, 1)
    await test.project()
    const listed = await test.app.inject({ url: '/articles', headers })
    assert.deepEqual(
      listed.json().articles.map((article: { article_id: string }) => article.article_id),
      [kept],
    )
    for (const path of ['', '/sources', '/research.md', '/links?purpose=download']) {
      const method = path.startsWith('/links') ? 'POST' : 'GET'
      const answer = await test.app.inject({ method, url: url + path, headers })
      assert.equal(answer.statusCode, 404, path)
      assert.equal(answer.json().error.code, 'ARTICLE_NOT_FOUND', path)
    }
    assert.equal((await test.app.inject({ method: 'DELETE', url, headers })).statusCode, 404)
  })

  it('answers for somebody else’s article as if there were none', async () => {
    await using test = await startTestApp()
    const theirs = await test.article('# Theirs', 'eve')
    const headers = { host: 'localhost' }
    const answer = (id: string) =>
      test.app.inject({ method: 'DELETE', url: `/articles/${id}`, headers })
    const [others, absent] = await Promise.all([
      answer(theirs),
      answer('00000000-0000-4000-8000-00000000abcd'),
    ])
    const { request_id: _one, ...first } = others.json().error
    const { request_id: _two, ...second } = absent.json().error
    assert.deepEqual(first, second)
    assert.equal(others.statusCode, 404)
  })
})
