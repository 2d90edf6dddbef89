import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createExtractionProcess } from '../../../src/sources/extraction/process/extraction-process.ts'
import { createWebReader } from '../../../src/sources/web/web-source.ts'
import { guarded } from '../../support/guarded.ts'
import { pdfOf } from '../../support/pdf.ts'
import { type Route, startSite } from '../../support/site.ts'

const words = 'Queues hold work between the moment of asking and the moment of doing. '.repeat(12)
const page = `<!doctype html><title>Queues</title><main><h1>Queues</h1><p>${words}</p></main>`
const sent = (mediaType: string, body: string | Uint8Array): Route => ({
  headers: { 'content-type': mediaType },
  body,
})

async function world(routes: Record<string, Route>) {
  const site = await startSite(routes)
  const fetch = guarded({
    allow: [site.allow('site.example')],
    maxBytes: 20_000_000,
    timeoutMs: 60_000,
  })
  const extraction = createExtractionProcess()
  const gather = createWebReader({ fetch, extraction })
  return {
    read: (path: string) =>
      gather({
        url: `http://site.example${path}`,
        kind: 'web',
        signal: AbortSignal.timeout(240_000),
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all([extraction.close(), fetch.close()])
      await site[Symbol.asyncDispose]()
    },
  }
}

async function read(route: Route) {
  await using w = await world({ '/page': route })
  return await w.read('/page')
}

describe('an answer under a wrong label', () => {
  const pdf = Buffer.from(
    pdfOf([[{ text: 'Work that waits is kept by the queue.', x: 72, y: 700 }]]),
  )
  const readable: [string, Route, RegExp][] = [
    ['a PDF called a page', sent('text/html', pdf), /Work that waits/],
    ['a PDF called bytes', sent('application/octet-stream', pdf), /Work that waits/],
    ['a page called text', sent('text/plain', page), /^# Queues/m],
    ['a page called bytes', sent('application/octet-stream', page), /^# Queues/m],
    ['a page called nothing', { headers: {}, body: page }, /^# Queues/m],
    ['a page called XML', sent('application/xml', page), /^# Queues/m],
  ]
  for (const [what, route, expected] of readable) {
    it(`is read as what it is: ${what}`, async () => {
      assert.match((await read(route)).markdown, expected)
    })
  }

  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
  const refused: [string, Route][] = [
    ['a picture called a page', sent('text/html', png)],
    ['an archive called a page', sent('text/html', Buffer.from('504b030414000000', 'hex'))],
    ['zeros called text', sent('text/plain', Buffer.alloc(4_000))],
    ['a film', sent('video/mp4', 'ftyp')],
  ]
  for (const [what, route] of refused) {
    it(`is refused for what it is: ${what}`, async () => {
      await assert.rejects(read(route), { reason: 'UNSUPPORTED_TYPE' })
    })
  }
})

describe('a page that was written to break readers', () => {
  it('of ten megabytes of nested elements costs that page only', async () => {
    const nested = `<!doctype html><title>Deep</title><p>${words}</p>${'<div>'.repeat(2_000_000)}`
    await using w = await world({ '/deep': sent('text/html', nested), '/page': page })
    const deep = w.read('/deep')
    await assert.rejects(deep, { reason: 'EXTRACTION_FAILED', detail: 'it needs too much memory' })
    assert.match((await w.read('/page')).markdown, /Queues hold work/)
  })

  it('of broken markup is read as browsers read it', async () => {
    const broken = `<title>Broken</title><p>One <b>bold<p>${words}</i></div><table><tr><td>a<td>b<tr><td>c</table><ul><li>x<li>y</p></main><<a href=">`
    const { markdown } = await read(sent('text/html', broken))
    assert.match(markdown, /One \*\*bold\*\*/)
    assert.match(markdown, /Queues hold work/)
  })

  it('that declares entities has none of them unfolded', async () => {
    const entities = Array.from({ length: 9 }, (_, n) =>
      n === 0 ? '<!ENTITY e0 "boom">' : `<!ENTITY e${n} "${`&e${n - 1};`.repeat(10)}">`,
    ).join('')
    const xhtml = `<?xml version="1.0"?><!DOCTYPE html [${entities}]><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body><p>${words} &e8;</p></body></html>`
    for (const type of ['application/xhtml+xml', 'text/html', 'application/xml']) {
      const { markdown } = await read(sent(type, xhtml))
      assert.ok(markdown.length < 4_000)
      assert.doesNotMatch(markdown, /boomboom/)
    }
  })

  it('in several encodings at once is readable where it says the truth', async () => {
    const mixed = Buffer.concat([
      Buffer.from(`<title>Caf\u00e9</title><p>${words}</p><p>na\u00efve</p>`),
      Buffer.from('<p>d\u00e9j\u00e0</p>', 'latin1'),
    ])
    const { title, markdown } = await read(sent('text/html; charset=utf-8', mixed))
    assert.equal(title, 'Café')
    assert.match(markdown, /naïve/)
    assert.match(markdown, /d\ufffdj\ufffd/)
  })
})
