import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ResearchCompiled } from '../../../../src/events/articles/article-events.ts'
import { startTestApp, type TestApp } from '../../../support/app.ts'

const at = '2026-05-01T12:00:00.000Z'

async function compiled(test: TestApp, title: string): Promise<string> {
  const id = await test.article(`# ${title}\n`)
  const research = await test.deps.contents.put('local', '# Research\n\n…', 'text/markdown')
  await test.record(id, [
    ResearchCompiled({
      research,
      evidence: await test.deps.contents.put('local', '{}\n', 'application/json'),
      compiler: 'research/1',
      through_version: 1,
      compiled_at: at,
    }),
  ])
  return id
}

describe('research.md', () => {
  it('comes by link and by REST with the same bytes, as a file with an ETag', async () => {
    await using test = await startTestApp()
    const id = await compiled(test, 'Ants')
    const byLink = await test.app.inject({ url: await test.link('download', id) })
    const byRest = await test.app.inject({ url: `/articles/${id}/research.md` })
    assert.equal(byLink.body, '# Research\n\n…')
    assert.equal(byRest.body, byLink.body)
    assert.equal(byRest.headers['content-type'], 'text/markdown; charset=utf-8')
    assert.match(String(byRest.headers.etag), /^"[0-9a-f]{64}"$/)
    assert.match(
      String(byRest.headers['content-disposition']),
      /^attachment; filename="ants\.research\.md"/,
    )
    assert.match(String(byRest.headers['content-security-policy']), /sandbox/)
  })

  it('has its evidence beside it, by link and by REST', async () => {
    await using test = await startTestApp()
    const id = await compiled(test, 'Ants')
    const link = await test.link('download', id)
    for (const url of [`${link}/research.json`, `/articles/${id}/research.json`]) {
      const { body, headers } = await test.app.inject({ url })
      assert.equal(body, '{}\n')
      assert.equal(headers['content-type'], 'application/json; charset=utf-8')
      assert.match(String(headers['content-disposition']), /filename="ants\.research\.json"/)
    }
  })

  it('answers 304 without a body to who has it', async () => {
    await using test = await startTestApp()
    const url = `/articles/${await compiled(test, 'Ants')}/research.md`
    const etag = String((await test.app.inject({ url })).headers.etag)
    for (const value of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await test.app.inject({ url, headers: { 'if-none-match': value } })
      assert.equal(answer.statusCode, 304)
      assert.equal(answer.body, '')
    }
    const other = await test.app.inject({ url, headers: { 'if-none-match': '"other"' } })
    assert.equal(other.statusCode, 200)
  })

  it('is refused with 409 before it exists', async () => {
    await using test = await startTestApp()
    const answer = await test.app.inject({ url: `/articles/${await test.article()}/research.md` })
    assert.equal(answer.statusCode, 409)
    assert.equal(answer.json().error.code, 'RESEARCH_NOT_COMPILED')
  })

  it('carries any title in its name without letting it out of the header', async () => {
    await using test = await startTestApp()
    const id = await compiled(test, 'Über "Ameisen"; filename=evil.exe \\ ../ 蟻')
    const answer = await test.app.inject({ url: `/articles/${id}/research.md` })
    const header = String(answer.headers['content-disposition'])
    assert.match(
      header,
      /^attachment; filename="[A-Za-z0-9._ -]+"; filename\*=UTF-8''[A-Za-z0-9._%-]+$/,
    )
    assert.ok(header.includes(encodeURIComponent('蟻')))
  })

  it('is not shown by a link of another purpose', async () => {
    await using test = await startTestApp()
    const id = await compiled(test, 'Ants')
    const watch = await test.link('watch', id)
    const answer = await test.app.inject({ url: watch.replace('/watch/', '/download/') })
    assert.equal(answer.statusCode, 404)
    assert.equal(answer.json().error.code, 'LINK_INVALID')
  })
})
