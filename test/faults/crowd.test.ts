import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { createArticle } from '../../src/commands/articles/create-article.ts'
import { extractUrls } from '../../src/commands/articles/extract-urls.ts'
import { startOperation } from '../../src/commands/runs/start-operation.ts'
import { caller, commandWorld } from '../support/command-world.ts'
import { freshDatabase } from '../support/database.ts'
import { assertInvariants } from '../support/invariants.ts'
import { startNova } from '../support/nova-process.ts'
import { until } from '../support/until.ts'

const ada = caller('ada')
/** The requests get three of eight connections. */
const settings = {
  NOVA_DB_POOL: '8',
  NOVA_LINK_SECRET: 'a key of the tests that opens nothing else',
}
const share = 3

describe('a crowd', () => {
  it('that holds every connection: the next request gets 503 for the silence and not its turn in a queue, and 200 afterwards', async () => {
    await using db = await freshDatabase()
    await using nova = startNova(['serve', '--role', 'web', '-p', '0'], {
      ...settings,
      DATABASE_URL: db.url,
    })
    const [, mcpUrl = ''] = await nova.printed(/MCP +(\S+)\n/)
    const ask = () => fetch(mcpUrl.replace(/\/mcp$/, '/articles'))
    assert.equal((await ask()).status, 200)

    const holder = await db.database.owner.connect()
    await holder.query('begin; lock table nova.articles_g1')
    let served = 0
    const held = Array.from({ length: share }, async () => {
      const response = await ask()
      served++
      return response.status
    })
    await until(async () => {
      const waiting = await db.database.owner.query(
        `select from pg_locks where relation = 'nova.articles_g1'::regclass and not granted`,
      )
      return waiting.rowCount === share
    }, 'the whole share of connections to wait for the lock')
    const refused = await ask()
    assert.equal(served, 0, 'refused while the others still held their connections')
    assert.equal(refused.status, 503)
    const body = (await refused.json()) as { error: { code: string; message: string } }
    assert.equal(body.error.code, 'DATABASE_UNAVAILABLE')
    // A turn in the queue would end after five seconds, and say that the database is busy.
    assert.equal(body.error.message, 'The database cannot be reached right now.')
    assert.ok(Number(refused.headers.get('retry-after')) > 0)

    await holder.query('commit')
    holder.release()
    assert.deepEqual(await Promise.all(held), [200, 200, 200])
    const after = await Promise.all(Array.from({ length: 20 }, ask))
    assert.deepEqual(new Set(after.map(({ status }) => status)), new Set([200]))
    await assertInvariants(db.database, [], { queue: false })
  })

  it('of 50 that give the identical command at once: one effect, and one answer for all', async () => {
    await using w = await commandWorld()
    const articleId = randomUUID()
    const guideline = Buffer.from('# Reading\n\n- https://a.example/1\n- https://a.example/2\n')
    const fifty = <T>(give: () => Promise<T>) => Promise.all(Array.from({ length: 50 }, give))

    const created = await fifty(() => createArticle(w.deps, ada, { articleId, guideline }))
    assert.equal(created.filter((answer) => answer.created).length, 1)
    assert.equal(new Set(created.map((answer) => JSON.stringify(answer.guideline))).size, 1)

    const found = await fifty(() => extractUrls(w.deps, ada, { articleId }))
    assert.equal(found.filter(({ appended }) => appended).length, 1)

    const tool = 'scrape_and_clean_other_urls'
    const started = await fifty(() =>
      startOperation(w.deps, ada, {
        articleId,
        tool,
        operationId: randomUUID(),
        month: '2026-05',
        weight: 1,
        operationsMax: 0,
      }),
    )
    assert.equal(new Set(started.map(({ operation }) => operation?.id)).size, 1)
    assert.equal(started.filter(({ joined }) => !joined).length, 1)

    const events = await w.deps.store.read({ userId: 'ada', streamId: `article-${articleId}` })
    assert.deepEqual(
      events.map(({ type }) => type),
      ['ArticleCreated', 'UrlsExtracted', 'OperationStarted'],
    )
    await assertInvariants(w.database, [], { queue: false })
  })
})
