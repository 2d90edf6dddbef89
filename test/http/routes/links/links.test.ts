import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ResearchCompiled } from '../../../../src/events/articles/article-events.ts'
import { startTestApp, type TestApp } from '../../../support/app.ts'
import { fileForm } from '../../../support/form.ts'

const codeOf = (answer: { json(): { error?: { code: string } } }) => answer.json().error?.code

const typesOf = async (test: TestApp) =>
  (await test.deps.store.readAll(0, 1000)).events.map(({ type }) => type)

/** Uploads a file through a watch link, as its page does. */
async function uploadThrough(test: TestApp, watch: string, text: string) {
  const granted = await test.app.inject({ method: 'POST', url: `${watch}/upload` })
  const url = String(granted.headers.location)
  return test.app.inject({ method: 'POST', url, ...fileForm('notes.md', text) })
}

describe('links as the web sees them', () => {
  it('end with the link they came through, and bring five uploads in all', async () => {
    await using test = await startTestApp()
    let watch = await test.link('watch', await test.article('# Ants'))
    const end = test.clock.now.getTime() + 60 * 60_000
    test.clock.now = new Date(end - 60_000)
    for (let n = 0; n < 5; n++) {
      const answer = await uploadThrough(test, watch, `text ${n}`)
      assert.equal(answer.statusCode, 201, answer.body)
      assert.ok(Date.parse(answer.json().expires_at) <= end)
      watch = new URL(answer.json().watch_url).pathname
    }
    const sixth = await uploadThrough(test, watch, 'one more')
    assert.deepEqual([sixth.statusCode, codeOf(sixth)], [410, 'LINK_SPENT'])
    const types = await typesOf(test)
    assert.equal(types.filter((type) => type === 'LinkUploadCounted').length, 5)
    test.clock.now = new Date(end)
    assert.equal((await test.app.inject(watch)).statusCode, 410)
  })

  it('leave an event when research.md is taken, and none when nothing is sent', async () => {
    await using test = await startTestApp()
    const id = await test.article('# Ants')
    const research = await test.deps.contents.put('local', '# Research', 'text/markdown')
    await test.record(id, [
      ResearchCompiled({
        research,
        evidence: null,
        compiler: 'research/1',
        through_version: 1,
        compiled_at: '2026-05-01T12:00:00.000Z',
      }),
    ])
    const url = await test.link('download', id)
    const { headers } = await test.app.inject(url)
    await test.app.inject({ url, headers: { 'if-none-match': String(headers.etag) } })
    const types = await typesOf(test)
    assert.equal(types.filter((type) => type === 'LinkDownloaded').length, 1)
  })

  it('are revoked by REST and by the button of the page, and say so', async () => {
    await using test = await startTestApp()
    const id = await test.article('# Ants')
    const accept = { accept: 'text/html' }
    const page = await test.app.inject({ url: `/articles/${id}`, headers: accept })
    const [, action = ''] = /action="([^"]*links\/revoke)"/.exec(page.body) ?? []
    for (const headers of [{}, accept]) {
      const links = await Promise.all(
        (['watch', 'download', 'upload_files'] as const).map((purpose) => test.link(purpose, id)),
      )
      assert.doesNotMatch((await test.app.inject(links[0] ?? '')).body, /links\/revoke/)
      const revoked = await test.app.inject({ method: 'POST', url: action, headers })
      assert.equal(revoked.statusCode, 'accept' in headers ? 303 : 200)
      for (const url of links) {
        const answer = await test.app.inject(url)
        assert.deepEqual([answer.statusCode, codeOf(answer)], [410, 'LINK_REVOKED'])
      }
    }
  })
})
