import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  OperationStarted,
  SourceFailed,
  UrlsExtracted,
} from '../../../../src/events/articles/article-events.ts'
import { startTestApp } from '../../../support/app.ts'
import { inTime } from '../../../support/in-time.ts'
import { until } from '../../../support/until.ts'

const at = '2026-05-01T12:00:00.000Z'
const url = 'https://a.example/1'
const extracted = UrlsExtracted({
  links: [{ source: 1, url, canonical: 'a.example/1', kind: 'web', rank: null }],
  local_files: ['a.py'],
  extracted_at: at,
})
const started = OperationStarted({
  operation_id: 'op1',
  tool: 'scrape_and_clean_other_urls',
  items: [1],
  usage_month: '2026-05',
  usage_weight: 1,
  started_at: at,
})
const failed = SourceFailed({
  operation_id: 'op1',
  source: 1,
  url,
  reason: 'TIMEOUT',
  detail: '30 s',
  retryable: true,
  failed_at: at,
})

/** The next event of a stream, parsed; null at its end. */
const nextEvent = (lines: AsyncIterator<string>): Promise<{ version: number } | null> => {
  const next = async () => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done) return null
      if (value.startsWith('data: ')) return JSON.parse(value.slice(6))
    }
  }
  return inTime(next(), () => 'the next event of the stream')
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

describe('the article page behind a link', () => {
  it('shows what happens, in words, and reloads by itself without scripts', async () => {
    await using test = await startTestApp()
    const id = await test.article('# Ants')
    await test.record(id, [extracted, started, failed])
    const page = await test.app.inject(await test.link('watch', id))
    assert.match(page.body, /Reading web pages/)
    assert.match(page.body, /1 of 1, 1 failed/)
    assert.match(page.body, /The server did not answer in time\. \(30 s\)/)
    assert.match(page.body, /<noscript><meta http-equiv="refresh"/)
    assert.match(page.body, /<code>a\.py<\/code> <span class="mark">missing/)
  })

  it('leads to a fresh download or upload link when asked, and records nothing when looked at', async () => {
    await using test = await startTestApp()
    const id = await test.article('# Ants')
    const watch = await test.link('watch', id)
    const upload = await test.app.inject({ method: 'POST', url: `${watch}/upload` })
    assert.equal(upload.statusCode, 303)
    assert.match(String(upload.headers.location), /^\/upload\//)
    const page = await test.app.inject(String(upload.headers.location))
    assert.equal(page.statusCode, 200)
    const download = await test.app.inject({ method: 'POST', url: `${watch}/download` })
    const answer = await test.app.inject(String(download.headers.location))
    assert.equal(answer.json().error.code, 'RESEARCH_NOT_COMPILED')
    const other = await test.app.inject({ method: 'POST', url: `${watch}/erase` })
    assert.equal(other.statusCode, 400)
  })

  it('shows text of the outside world as text, and only web addresses as links', async () => {
    await using test = await startTestApp()
    const id = await test.article('# <script>alert(1)</script> & "co"')
    const hostile = ['javascript:alert(1)', 'https://a.example/"onmouseover="alert(1)']
    await test.record(id, [
      UrlsExtracted({
        links: hostile.map((url, n) => ({
          source: n + 1,
          url,
          canonical: url,
          kind: 'web',
          rank: null,
        })),
        local_files: [],
        extracted_at: at,
      }),
    ])
    const { body } = await test.app.inject(await test.link('watch', id))
    assert.doesNotMatch(body, /<script>|href="javascript|"onmouseover/)
    assert.match(body, /&#60;script&#62;alert\(1\)/)
  })
})

describe('progress as server-sent events', () => {
  it('sends the article now and after every change, by link and by REST', async () => {
    await using test = await startTestApp()
    const origin = await test.listen()
    const id = await test.article('# Ants')
    for (const path of [`${await test.link('watch', id)}/events`, `/articles/${id}/events`]) {
      const client = new AbortController()
      const answer = await fetch(origin + path, { signal: client.signal })
      assert.equal(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8')
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
      assert.ok(answer.body)
      const lines = linesOf(answer.body)
      const first = await nextEvent(lines)
      await test.record(id, [extracted])
      const second = await nextEvent(lines)
      assert.equal(second?.version, (first?.version ?? 0) + 1)
      client.abort()
    }
  })

  it('is limited to twenty of one user and a hundred at a server, and says which', async () => {
    await using full = await startTestApp()
    await using free = await startTestApp()
    const clients = new AbortController()
    // An answer that nothing refers to is collected, and its stream with it.
    const kept: Response[] = []
    const open = async (origin: string, path: string, signal?: AbortSignal) => {
      const answer = await fetch(origin + path, signal ? { signal } : {})
      kept.push(answer)
      const body = answer.status === 429 ? await answer.text() : '{}'
      const { error } = JSON.parse(body) as { error?: { code: string; message: string } }
      return {
        status: answer.status,
        told: error?.message,
        code: error?.code,
        retry: answer.headers.get('retry-after'),
      }
    }
    const origin = await full.listen()
    const own = `/articles/${await full.article()}/events`
    const streams = Array.from({ length: 20 }, () => open(origin, own, clients.signal))
    assert.ok((await Promise.all(streams)).every(({ status }) => status === 200))
    assert.deepEqual(await open(origin, own), {
      status: 429,
      code: 'STREAMS_TOO_MANY',
      told: 'You have 20 live views open, as many as one user may.',
      retry: '10',
    })
    assert.equal(
      (await open(await free.listen(), `/articles/${await free.article()}/events`)).status,
      200,
    )
    // Others, whom links of theirs let in, fill the server.
    for (const user of ['ben', 'cleo', 'dora', 'emil']) {
      const path = `${await full.link('watch', await full.article('# A', user), user)}/events`
      const theirs = Array.from({ length: 20 }, () => open(origin, path, clients.signal))
      assert.ok(
        (await Promise.all(theirs)).every(({ status }) => status === 200),
        user,
      )
    }
    const late = `${await full.link('watch', await full.article('# A', 'fred'), 'fred')}/events`
    assert.deepEqual(await open(origin, late), {
      status: 429,
      code: 'STREAMS_TOO_MANY',
      told: 'This server keeps 100 live views open, as many as it can.',
      retry: '10',
    })
    clients.abort()
    const isFree = async () => (await open(origin, own)).status === 200
    await until(isFree, 'the place of a client that left')
  })

  it('ends when the server closes, so that a restart waits for nobody', async () => {
    const test = await startTestApp()
    const origin = await test.listen()
    const answer = await fetch(`${origin}/articles/${await test.article()}/events`)
    assert.ok(answer.body)
    const lines = linesOf(answer.body)
    await nextEvent(lines)
    const closed = test[Symbol.asyncDispose]()
    assert.equal(await nextEvent(lines), null)
    await closed
  })

  it('answers an expired link before any stream begins', async () => {
    await using test = await startTestApp()
    const watch = await test.link('watch', await test.article())
    test.clock.now = new Date(test.clock.now.getTime() + 61 * 60_000)
    const answer = await test.app.inject(`${watch}/events`)
    assert.equal(answer.statusCode, 410)
  })
})
