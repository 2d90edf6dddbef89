import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freshDatabase } from '../support/database.ts'
import { faultyWire } from '../support/faulty-wire.ts'
import { inTime } from '../support/in-time.ts'
import { connectClient } from '../support/mcp-clients.ts'
import { startNovaServer } from '../support/nova-process.ts'
import { startSite } from '../support/site.ts'
import { until } from '../support/until.ts'

const words = 'Words that stay. '.repeat(40)
const page = `<!doctype html><title>A page</title><article><h1>A page</h1><p>${words}</p></article>`
const guideline = '# A guideline\n\nSee http://pages.example/page'
const tool = 'scrape_and_clean_other_urls'

/** A server on a wire that can fall silent, an article of one page, and what /readyz says. */
async function world() {
  const closing = new AsyncDisposableStack()
  const db = closing.use(await freshDatabase())
  const wire = closing.use(await faultyWire(db.url))
  const site = closing.use(await startSite({ '/page': page }))
  const nova = closing.use(
    await startNovaServer({
      DATABASE_URL: wire.url,
      NOVA_LINK_SECRET: 'a key of the tests that opens nothing else',
      NOVA_FETCH_ALLOW: `pages.example:80=127.0.0.1:${site.port}`,
    }),
  )
  const client = closing.use(await connectClient('auto', new URL(nova.mcpUrl), {}))
  const { article_id } = await client.ok('create_article', { guideline })
  await client.ok('extract_guidelines_urls', { article_id })
  const readiness = async () => {
    const answer = await fetch(new URL('/readyz', nova.mcpUrl))
    return { status: answer.status, text: await answer.text() }
  }
  return {
    ...{ wire, nova, client, article_id, readiness },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

describe('connections that stay open and say nothing', { concurrency: 2 }, () => {
  it('hold up nobody for ever: calls, jobs and projections go on over new ones, and the server ends when told', async () => {
    await using w = await world()
    const { article_id } = w
    w.wire.blackHole()
    const isDone = async () => {
      const { isError, structured } = await w.client.call(tool, { article_id, wait_seconds: 50 })
      return !isError && /completed|nothing_to_do/.test(String(structured.status))
    }
    await until(isDone, 'the job to be done over new connections', 300_000)
    const article = await w.client.ok('get_article', { article_id })
    assert.deepEqual(
      (article.sources as { state: string }[]).map(({ state }) => state),
      ['scraped'],
    )
    const follows = async () => {
      const { status, text } = await w.readiness()
      return status === 200 && !text.includes('"ok":false')
    }
    await until(follows, 'the server to say that jobs move and projections follow', 300_000)
    w.nova.signal('SIGTERM')
    assert.equal(await inTime(w.nova.ended, () => 'the end of the server'), 0, w.nova.output())
  })

  it('keep no server alive that is told to end, and /readyz says meanwhile that nothing answers', async () => {
    await using w = await world()
    w.wire.blackHole()
    const notReady = await w.readiness()
    assert.equal(notReady.status, 503, notReady.text)
    w.nova.signal('SIGTERM')
    await inTime(w.nova.ended, () => 'the end of the server')
    await until(() => w.wire.open() === 0, 'its connections to be closed')
  })
})
