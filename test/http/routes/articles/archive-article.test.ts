import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startTestApp } from '../../../support/app.ts'

const headers = { host: 'localhost' }

describe('POST /articles/{id}/archive and /unarchive', { concurrency: true }, () => {
  it('archive the article and take it back, and lists say so', async () => {
    await using test = await startTestApp()
    const id = await test.article()
    await test.project()
    const post = (way: string) =>
      test.app.inject({ method: 'POST', url: `/articles/${id}/${way}`, headers })
    const listed = async () =>
      (await test.app.inject({ url: '/articles', headers })).json().articles[0].archived
    for (const [way, archived] of [
      ['archive', true],
      ['archive', true],
      ['unarchive', false],
    ] as const) {
      const answer = await post(way)
      assert.equal(answer.statusCode, 200)
      assert.deepEqual(answer.json(), { article_id: id, archived })
      assert.equal(await listed(), archived)
    }
  })

  it('are what the button of the page does, which leads back to the page', async () => {
    await using test = await startTestApp()
    const id = await test.article()
    const html = { ...headers, accept: 'text/html' }
    const page = async () => (await test.app.inject({ url: `/articles/${id}`, headers: html })).body
    for (const way of ['archive', 'unarchive']) {
      const [, action = ''] = /action="([^"]*\/(?:un)?archive)"/.exec(await page()) ?? []
      assert.equal(action, `/articles/${id}/${way}`)
      const answer = await test.app.inject({ method: 'POST', url: action, headers: html })
      assert.equal(answer.statusCode, 303)
      assert.equal(answer.headers.location, `/articles/${id}`)
    }
    const watched = await test.app.inject(await test.link('watch', id))
    assert.doesNotMatch(watched.body, /archive"/, 'who only watches is not asked')
  })

  it('answer for somebody else’s article as if there were none', async () => {
    await using test = await startTestApp()
    const theirs = await test.article('# Theirs', 'eve')
    const post = (url: string) => test.app.inject({ method: 'POST', url, headers })
    for (const way of ['archive', 'unarchive']) {
      const answer = await post(`/articles/${theirs}/${way}`)
      assert.equal(answer.statusCode, 404)
      assert.equal(answer.json().error.code, 'ARTICLE_NOT_FOUND')
    }
  })
})
