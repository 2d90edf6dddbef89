import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { createExtractionProcess } from '../../../../src/sources/extraction/process/extraction-process.ts'
import type { ExtractionSettings } from '../../../../src/sources/extraction/process/extraction-settings.ts'
import { until } from '../../../support/until.ts'

const page = '<!doctype html><title>Fine</title><p>Some text.</p>'
const endless = '<b><p>'.repeat(100_000)

function extraction(settings: ExtractionSettings = {}) {
  const started = createExtractionProcess(settings)
  return {
    read: (html: string, signal?: AbortSignal) =>
      started.convert(
        {
          bytes: new TextEncoder().encode(html),
          mediaType: 'text/html',
          charset: null,
          url: 'https://site.example/',
        },
        signal,
      ),
    close: started.close,
    [Symbol.asyncDispose]: () => started.close(),
  }
}

/** Processes of ours that convert, whoever started them in this one. */
function hosts(): number[] {
  const listed = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)])
  return listed
    .toString()
    .split('\n')
    .filter((line) => line.includes('extraction-host'))
    .map((line) => Number.parseInt(line, 10))
}

describe('the process that converts', () => {
  it('costs only the pages in hand when it is killed', async () => {
    await using pages = extraction()
    assert.equal((await pages.read(page)).title, 'Fine')
    const lost = pages.read(endless)
    const [host] = hosts()
    assert.ok(host)
    process.kill(host, 'SIGKILL')
    await assert.rejects(lost, { reason: 'EXTRACTION_FAILED' })
    assert.equal((await pages.read(page)).title, 'Fine')
  })

  it('passes on limits, reasons and cancellations', async () => {
    await using pages = extraction({ timeoutMs: 4_000 })
    await assert.rejects(pages.read(endless), { reason: 'EXTRACTION_TIMEOUT' })
    const caller = new AbortController()
    const running = pages.read(endless, caller.signal)
    caller.abort()
    await assert.rejects(running, { reason: 'CANCELLED' })
    assert.equal((await pages.read(page)).markdown, 'Some text.\n')
  })

  it('is gone after the end, with whatever it was doing', async () => {
    const pages = extraction()
    const open = pages.read(endless)
    const [host] = hosts()
    assert.ok(host)
    await Promise.all([assert.rejects(open, { reason: 'CANCELLED' }), pages.close()])
    await assert.rejects(pages.read(page), { reason: 'CANCELLED' })
    await until(() => hosts().length === 0, 'the process to be gone')
  })
})
