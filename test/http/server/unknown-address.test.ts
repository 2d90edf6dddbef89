import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startTestApp } from '../../support/app.ts'

describe('404 for an address that nothing is at', () => {
  it('is JSON for a program and a page for a person', async () => {
    await using test = await startTestApp()
    const answer = await test.app.inject('/nothing/here')
    assert.equal(answer.statusCode, 404)
    assert.equal(answer.json().error.code, 'ROUTE_NOT_FOUND')
    const page = await test.app.inject({ url: '/nothing/here', headers: { accept: 'text/html' } })
    assert.equal(page.statusCode, 404)
    assert.match(page.headers['content-type'] ?? '', /text\/html/)
    assert.match(page.body, /There is nothing at this address\./)
  })

  it('is also what the form of a person without a token leads to', async () => {
    await using test = await startTestApp({ NOVA_ACCESS_TOKEN: 't'.repeat(32) })
    const answer = await test.app.inject({
      method: 'POST',
      url: '/',
      headers: { authorization: `Bearer ${'t'.repeat(32)}` },
    })
    assert.equal(answer.json().error.code, 'ROUTE_NOT_FOUND')
  })
})
