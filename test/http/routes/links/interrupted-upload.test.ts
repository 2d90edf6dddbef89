import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { startTestApp } from '../../../support/app.ts'
import { fileForm } from '../../../support/form.ts'
import { until } from '../../../support/until.ts'

const head = (path: string, host: string, length: number, type: string) =>
  `POST ${path} HTTP/1.1\r\nhost: ${host}\r\naccept: application/json\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`

describe('a body that stops half way stores nothing and burns nothing', () => {
  for (const how of ['half-closes', 'breaks'] as const) {
    it(`when the client ${how} the connection`, async () => {
      await using test = await startTestApp()
      const url = new URL(await test.listen())
      const id = randomUUID()
      const link = await test.link('upload_guideline', id)
      const { payload, headers } = fileForm('g.md', `# Half\n\n${'x'.repeat(200_000)}`)
      const socket = connect(Number(url.port), '127.0.0.1')
      socket.on('error', () => {})
      socket.write(head(link, url.host, payload.byteLength, headers['content-type']))
      socket.write(payload.subarray(0, 100_000))
      await until(
        () => test.log.some((line) => line.includes('multipart')),
        'the upload to be read',
      )
      if (how === 'breaks') socket.resetAndDestroy()
      else socket.end()
      await until(
        () => test.log.some((line) => line.includes('UPLOAD_INCOMPLETE')),
        'the refusal in the log',
      )
      const article = await fetch(`${url.origin}/articles/${id}`)
      assert.equal(article.status, 404)
      assert.equal((await fetch(`${url.origin}${link}`)).status, 200)
      assert.ok(!test.log.some((line) => line.includes('"level":50')))
    })
  }

  it('when the last boundary is missing', async () => {
    await using test = await startTestApp()
    const id = randomUUID()
    const link = await test.link('upload_guideline', id)
    const { payload, headers } = fileForm('g.md', '# Cut off here and there')
    for (const end of [payload.byteLength - 20, payload.byteLength - 50, 60]) {
      const answer = await test.app.inject({
        method: 'POST',
        url: link,
        payload: payload.subarray(0, end),
        headers,
      })
      assert.equal(answer.statusCode, 400)
      assert.equal(answer.json().error.code, 'UPLOAD_INCOMPLETE')
    }
    assert.equal((await test.app.inject({ url: link })).statusCode, 200)
  })
})
