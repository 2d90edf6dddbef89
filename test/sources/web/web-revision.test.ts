import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { conditionalOn, webRevision } from '../../../src/sources/web/web-revision.ts'
import { guardedSite } from '../../support/guarded.ts'

const changed = 'Tue, 04 Mar 2025 10:00:00 GMT'

describe('the revision of a page', () => {
  const cases: [string, Record<string, string>, string | undefined][] = [
    ['its strong tag before its date', { etag: '"v7"', 'last-modified': changed }, '"v7"'],
    ['its date before a weak tag', { etag: 'W/"v7"', 'last-modified': changed }, changed],
    ['its weak tag where that is all', { etag: 'W/"v7"' }, 'W/"v7"'],
    ['nothing that was cut or malformed', { etag: 'v7', 'last-modified': 'soon' }, undefined],
    ['no tag longer than one is kept', { etag: `"${'x'.repeat(300)}"` }, undefined],
    ['nothing where nothing is said', {}, undefined],
  ]
  for (const [claim, headers, revision] of cases) {
    it(`is ${claim}`, () => assert.equal(webRevision(new Headers(headers)), revision))
  }

  for (const headers of [{ etag: '"v7"' }, { etag: 'W/"v7"' }, { 'last-modified': changed }]) {
    it(`makes the next reading conditional: ${JSON.stringify(headers)}`, async () => {
      await using world = await guardedSite({
        '/page': (request, response) => {
          const knows = [request.headers['if-none-match'], request.headers['if-modified-since']]
          const isKnown = knows.some((value) => value && Object.values(headers).includes(value))
          response.writeHead(isKnown ? 304 : 200, headers).end(isKnown ? undefined : 'text')
        },
      })
      const first = await world.get('/page')
      const conditional = conditionalOn(webRevision(first.headers) ?? '')
      const second = await world.get('/page', { conditional })
      assert.deepEqual([first.notModified, second.notModified], [false, true])
    })
  }
})
