import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ExtractionSettings } from '../../../../src/sources/extraction/process/extraction-settings.ts'
import { onBehalfOf } from '../../../../src/sources/extraction/process/extraction-share.ts'
import { createExtractionPool } from '../../../support/extraction-pool.ts'

const page = '<!doctype html><title>Fine</title><p>Some text.</p>'
/** Adoption of misnested tags: minutes of work in one synchronous call. */
const endless = '<b><p>'.repeat(100_000)
/** A million levels of nesting: more tree than the memory holds. */
const bottomless = '<div>'.repeat(1_000_000)

function pool(settings: ExtractionSettings = {}) {
  const extraction = createExtractionPool(settings)
  return {
    read: (html: string, signal?: AbortSignal) =>
      extraction.convert(
        {
          bytes: new TextEncoder().encode(html),
          mediaType: 'text/html',
          charset: null,
          url: 'https://site.example/',
        },
        signal,
      ),
    close: extraction.close,
    [Symbol.asyncDispose]: () => extraction.close(),
  }
}

describe('a hostile page', () => {
  it('that takes too long costs that page only', async () => {
    await using extraction = pool({ timeoutMs: 4_000 })
    const hostile = extraction.read(endless)
    const next = extraction.read(page)
    await assert.rejects(hostile, { reason: 'EXTRACTION_TIMEOUT' })
    assert.equal((await next).markdown, 'Some text.\n')
  })

  it('keeps no page of another user waiting until its end', async () => {
    // Its tree takes 640 MB within 17 s of work, and a slow machine needs longer for the others.
    await using extraction = pool({ timeoutMs: 300_000, memoryMegabytes: 1_200 })
    await extraction.read(page)
    const caller = new AbortController()
    const hostile = extraction.read(endless, caller.signal)
    // On one core the pages of one user wait for each other: a second thread would make none of them faster.
    const read = (html: string) => onBehalfOf('another user', () => extraction.read(html))
    assert.equal((await read(page)).title, 'Fine')
    const others = await Promise.all([page, page, page].map(read))
    assert.equal(others.length, 3)
    caller.abort()
    await assert.rejects(hostile, { reason: 'CANCELLED' })
  })

  it('of which two come at once costs those two only', async () => {
    await using extraction = pool({ timeoutMs: 4_000 })
    const hostile = [endless, endless].map((html) => extraction.read(html))
    const others = [page, page].map((html) => extraction.read(html))
    await Promise.all(hostile.map((lost) => assert.rejects(lost, { reason: 'EXTRACTION_TIMEOUT' })))
    assert.deepEqual(
      (await Promise.all(others)).map(({ title }) => title),
      ['Fine', 'Fine'],
    )
  })

  it('that takes too much memory costs that page only', async () => {
    await using extraction = pool({ memoryMegabytes: 96 })
    await assert.rejects(extraction.read(bottomless), {
      reason: 'EXTRACTION_FAILED',
      detail: 'it needs too much memory',
    })
    assert.equal((await extraction.read(page)).title, 'Fine')
  })

  it('with thousands of unclosed tags is read all the same', async () => {
    await using extraction = pool()
    const { markdown } = await extraction.read(
      `<title>T</title><article>${'<div>word '.repeat(5_000)}`,
    )
    assert.ok((markdown.match(/word/g)?.length ?? 0) > 4_500)
  })

  it('gives its memory back', async () => {
    await using extraction = pool({ timeoutMs: 4_000 })
    await extraction.read(page)
    const before = process.memoryUsage()
    await assert.rejects(extraction.read(endless), { reason: 'EXTRACTION_TIMEOUT' })
    await extraction.read(page)
    const after = process.memoryUsage()
    assert.ok(after.heapUsed + after.external - before.heapUsed - before.external < 50e6)
  })
})

describe('a conversion', () => {
  it('is given up when the caller cancels, running or waiting', async () => {
    await using extraction = pool()
    await extraction.read(page)
    const caller = new AbortController()
    const running = extraction.read(endless, caller.signal)
    const waiting = extraction.read(page, caller.signal)
    const other = extraction.read(page)
    caller.abort()
    await assert.rejects(running, { reason: 'CANCELLED' })
    await assert.rejects(waiting, { reason: 'CANCELLED' })
    assert.equal((await other).title, 'Fine')
  })

  it('waits for no page after the end', async () => {
    await using extraction = pool()
    const open = extraction.read(endless)
    await Promise.all([assert.rejects(open, { reason: 'CANCELLED' }), extraction.close()])
    await assert.rejects(extraction.read(page), { reason: 'CANCELLED' })
  })
})
