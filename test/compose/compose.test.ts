import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it } from 'node:test'
import { pino } from 'pino'
import { compose } from '../../src/compose/compose.ts'
import { parseConfig } from '../../src/config.ts'
import { Refusal } from '../../src/errors.ts'
import { freshDatabase } from '../support/database.ts'
import { connectClient } from '../support/mcp-clients.ts'
import { mcpWorld } from '../support/mcp-world.ts'
import { startSite } from '../support/site.ts'

const log = pino({ level: 'silent' })

describe('a composed process', { concurrency: true }, () => {
  it('says so when its port is taken, and closes what it had opened', async () => {
    await using db = await freshDatabase()
    await using taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const parsed = parseConfig({
      DATABASE_URL: db.url,
      SERVER_PORT: String(port),
      NOVA_LINK_SECRET: 'k'.repeat(32),
    })
    assert.ok(parsed.ok)
    const nova = await compose(parsed.config, { log, role: 'web' })
    try {
      await assert.rejects(
        nova.listen(),
        (error) => error instanceof Refusal && error.code === 'PORT_IN_USE',
      )
    } finally {
      await nova.close()
    }
  })

  it('refuses to search when nobody is configured to search with', async () => {
    await using world = await mcpWorld({ environment: { NOVA_SEARCH: '', NOVA_SEARXNG_URL: '' } })
    const { call, ok } = await world.connect('auto')
    const { article_id } = await ok('create_article', { guideline: '# Title\n\nText.' })
    const { refusal } = await call('run_perplexity_research', { article_id, queries: ['one?'] })
    assert.equal(refusal.code, 'SEARCH_NOT_CONFIGURED')
    assert.match(refusal.hint, /NOVA_SEARXNG_URL/)
    assert.equal((await ok('account_usage')).used, 2)
  })

  it('answers calls that wait for an operation when it stops', async () => {
    await using db = await freshDatabase()
    const asked = Promise.withResolvers<void>()
    await using site = await startSite({ '/held': () => asked.resolve() })
    const parsed = parseConfig({
      DATABASE_URL: db.url,
      SERVER_PORT: '0',
      NOVA_LINK_SECRET: 'k'.repeat(32),
      NOVA_FETCH_ALLOW: `pages.example:80=127.0.0.1:${site.port}`,
    })
    assert.ok(parsed.ok)
    const nova = await compose(parsed.config, { log })
    try {
      const { mcpUrl } = await nova.listen()
      await using client = await connectClient('auto', new URL(mcpUrl), {})
      const guideline = '# Title\n\nhttp://pages.example/held'
      const { article_id } = await client.ok('create_article', { guideline })
      await client.ok('extract_guidelines_urls', { article_id })
      const tool = 'scrape_and_clean_other_urls'
      // One second less than the longest wait, which would begin again with a server that is gone.
      const waiting = client.ok(tool, { article_id, wait_seconds: 49 })
      await asked.promise
      await nova.close()
      assert.equal((await waiting).status, 'running')
    } finally {
      await nova.close()
    }
  })
})
