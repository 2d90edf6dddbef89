import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freshDatabase } from '../support/database.ts'
import { faultyWire } from '../support/faulty-wire.ts'
import { startNova } from '../support/nova-process.ts'
import { until } from '../support/until.ts'

const calls = 8

/** A request whose client hangs up as soon as the signal says so. */
async function ask(url: string, body: object, signal: AbortSignal): Promise<void> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  }
  await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal }).then(
    (response) => response.text(),
    () => undefined,
  )
}

describe('a server that is stopped under load', () => {
  it('settles the calls whose clients have hung up, and ends in good order', async () => {
    await using db = await freshDatabase()
    await using wire = await faultyWire(db.url)
    await using nova = startNova(['serve', '-p', '0'], {
      DATABASE_URL: wire.url,
      NOVA_LINK_SECRET: 'a key of the tests that opens nothing else',
      LOG_LEVEL: 'warn',
    })
    const [, mcpUrl = ''] = await nova.printed(/MCP +(\S+)\n/)
    const count = async (type: string) => {
      const { rows } = await db.database.owner.query<{ n: number }>(
        'select count(*)::int as n from nova.events where type = $1',
        [type],
      )
      return rows[0]?.n ?? 0
    }
    const hangUp = new AbortController()
    wire.delayMs = 20
    const guideline = '# Title\n\nText with a [link](https://example.com/a).'
    const asked = Array.from({ length: calls }, (_, id) => {
      const params = { name: 'create_article', arguments: { guideline: `${guideline} ${id}` } }
      const message = { jsonrpc: '2.0', id, method: 'tools/call', params }
      return [
        ask(mcpUrl, message, hangUp.signal),
        ask(
          mcpUrl.replace(/mcp$/, 'articles'),
          { guideline: `${guideline} R${id}` },
          hangUp.signal,
        ),
      ]
    })
    await until(async () => (await count('ToolCalled')) >= 2, 'some calls to be admitted')
    hangUp.abort()
    await Promise.all(asked.flat())
    nova.signal('SIGTERM')
    assert.equal(await nova.ended, 0, nova.output())
    assert.doesNotMatch(nova.output(), /Cannot use a pool|not settled|left open|in good order/)
    assert.ok((await count('ToolCalled')) >= 2)
    assert.equal(await count('ToolCallSettled'), await count('ToolCalled'))
  })
})
