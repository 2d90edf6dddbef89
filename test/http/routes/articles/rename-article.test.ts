import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startTestApp } from '../../../support/app.ts'

const headers = { host: 'localhost' }

describe('PATCH /articles/{id}', { concurrency: true }, () => {
  it('gives the article another title, and lists have it', async () => {
    await using test = await startTestApp()
    const url = `/articles/${await test.article()}`
    await test.project()
    const answer = await test.app.inject({
      method: 'PATCH',
      url,
      headers,
      payload: { title: 'Bees in winter' },
    })
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.json().title, 'Bees in winter')
    const list = await test.app.inject({ url: '/articles', headers })
    assert.equal(list.json().articles[0].title, 'Bees in winter')
  })

  it('is refused with 400 for what is no title, or names anything else', async () => {
    await using test = await startTestApp()
    const url = `/articles/${await test.article()}`
    for (const payload of [
      {},
      { title: '' },
      { title: 'x'.repeat(301) },
      { title: 'x', status: 'y' },
    ]) {
      const answer = await test.app.inject({ method: 'PATCH', url, headers, payload })
      assert.equal(answer.statusCode, 400)
      assert.equal(answer.json().error.code, 'ARGUMENT_INVALID')
    }
  })
})
