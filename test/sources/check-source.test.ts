import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { checkSource } from '../../src/sources/check-source.ts'
import { createExtractionProcess } from '../../src/sources/extraction/process/extraction-process.ts'
import { createWebReader } from '../../src/sources/web/web-source.ts'
import { guarded } from '../support/guarded.ts'
import { type Route, startSite } from '../support/site.ts'

const words = 'Queues hold work between the moment of asking and the moment of doing. '.repeat(12)
const page = (text: string, token = '1') =>
  `<!doctype html><title>Queues</title><meta name="csrf" content="${token}"><main><article><h1>Queues</h1><p>${words}</p><p>${text} ${words}</p></article></main>`

/** Reads a page, lets the site change, and asks it again. */
async function readThenCheck(before: Route, after: Route | undefined, isCleaned = false) {
  const routes: Record<string, Route> = { '/page': before }
  await using site = await startSite(routes)
  await using fetch = guarded({ allow: [site.allow('handbook.example')] })
  const extraction = createExtractionProcess()
  const gather = createWebReader({ fetch, extraction })
  const { signal } = new AbortController()
  const url = 'http://handbook.example/page'
  try {
    const read = await gather({ url, kind: 'web', signal })
    if (after === undefined) delete routes['/page']
    else routes['/page'] = after
    const known = {
      kind: 'web' as const,
      url,
      revision: read.revision ?? null,
      snapshotSha256: createHash('sha256')
        .update(read.snapshot?.bytes ?? '')
        .digest('hex'),
      markdown: isCleaned ? (read.markdown.trimEnd().split('\n').at(-1) ?? '') : read.markdown,
      isCleaned,
    }
    return { known, check: await checkSource({ fetch, gather }, known, signal) }
  } finally {
    await extraction.close()
  }
}

describe('asking a page again', () => {
  it('takes a 304 to its ETag, or to its Last-Modified, as unchanged', async () => {
    for (const [name, value, asks] of [
      ['etag', '"v7"', 'if-none-match'],
      ['last-modified', 'Mon, 02 Mar 2026 10:00:00 GMT', 'if-modified-since'],
    ] as const) {
      const headers = { 'content-type': 'text/html', [name]: value }
      const { known, check } = await readThenCheck({ headers, body: page('One.') }, (req, res) => {
        const matches = req.headers[asks] === value
        res.writeHead(matches ? 304 : 200, headers).end(matches ? '' : page('Two.'))
      })
      assert.equal(known.revision, value)
      assert.deepEqual(check, { outcome: 'unchanged', sha256: known.snapshotSha256 })
    }
  })

  it('is unchanged with the same bytes, and with other bytes of the same text', async () => {
    const { known, check } = await readThenCheck(page('One.'), page('One.'))
    assert.deepEqual(check, { outcome: 'unchanged', sha256: known.snapshotSha256 })
    const other = await readThenCheck(page('One.'), page('One.', 'another token'))
    assert.equal(other.check.outcome, 'unchanged')
    assert.notEqual(other.check.sha256, other.known.snapshotSha256)
  })

  it('is changed with another text, which comes along', async () => {
    const { known, check } = await readThenCheck(page('One.'), page('Two.'))
    assert.equal(check.outcome, 'changed')
    assert.ok(check.outcome === 'changed' && /Two\./.test(check.markdown))
    assert.notEqual(check.sha256, known.snapshotSha256)
  })

  it('compares of a page that a model cleaned only what was left of it', async () => {
    const kept = await readThenCheck(
      page('One.'),
      page('One.', 'x').replace('Queues hold', 'Rows hold'),
      true,
    )
    assert.equal(kept.check.outcome, 'unchanged')
    assert.equal((await readThenCheck(page('One.'), page('Two.'), true)).check.outcome, 'changed')
  })

  it('is gone at 404 and 410, and only then', async () => {
    assert.deepEqual((await readThenCheck(page('One.'), undefined)).check, {
      outcome: 'gone',
      sha256: null,
      reason: 'NOT_FOUND (status 404)',
    })
    assert.equal((await readThenCheck(page('One.'), { status: 410 })).check.outcome, 'gone')
    assert.deepEqual((await readThenCheck(page('One.'), { status: 403 })).check, {
      outcome: 'unreachable',
      sha256: null,
      reason: 'FORBIDDEN (status 403)',
    })
    const cut = await readThenCheck(page('One.'), (request) => void request.socket.destroy())
    assert.deepEqual(cut.check, { outcome: 'unreachable', sha256: null, reason: 'CONNECTION' })
  })
})
