import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openDatabase } from '../../src/store/database/database.ts'
import { settingsFor } from '../support/database.ts'
import { assertInvariants } from '../support/invariants.ts'
import { startNovaServer } from '../support/nova-process.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { until } from '../support/until.ts'

const callers = 6
const articlesEach = 12
const kills = 2

interface Told {
  title: string
  articleId: string
  refused: string[]
}

describe('a server whose PostgreSQL is killed with -9 under calls that are sent until they are answered', () => {
  it('makes each article once, counts it once, and counts nothing else', async () => {
    await using cluster = await ownCluster()
    await using nova = await startNovaServer({
      DATABASE_URL: cluster.url(),
      NOVA_REQUESTS_PER_MINUTE: '0',
      NOVA_CALLS_PER_MINUTE: '0',
      MONTHLY_TOOL_CALL_LIMIT: '0',
      NOVA_LINK_SECRET: 'a key of the tests that opens nothing else',
      LOG_LEVEL: 'silent',
    })
    const url = nova.mcpUrl.replace(/\/mcp$/, '/articles')
    const told: Told[] = []
    const create = async (title: string) => {
      const refused: string[] = []
      for (;;) {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ guideline: `# ${title}` }),
        })
        const body = (await response.json()) as {
          article_id: string
          error: { code: string; details?: { outcome?: string } }
        }
        if (response.ok) {
          told.push({ title, articleId: body.article_id, refused })
          return
        }
        assert.equal(body.error.code, 'DATABASE_UNAVAILABLE', JSON.stringify(body))
        refused.push(body.error.details?.outcome ?? 'not sent')
      }
    }
    const caller = async (name: number) => {
      for (let n = 0; n < articlesEach; n++) await create(`Article ${n} of ${name}`)
    }
    const calling = Promise.all(Array.from({ length: callers }, (_, name) => caller(name)))
    for (let kill = 1; kill <= kills; kill++) {
      const enough = (kill * callers * articlesEach) / (kills + 1)
      await until(() => told.length >= enough, `${enough} articles`)
      await cluster.kill()
      await cluster.start()
    }
    await calling

    const database = await openDatabase(settingsFor(cluster.url()))
    const { owner } = database
    try {
      const { rows } = await owner.query<{ title: string; id: string }>(
        `select data->>'title' as title, data->>'article_id' as id from nova.events
         where type = 'ArticleCreated'`,
      )
      const byTitle = new Map(told.map(({ title, articleId }) => [title, articleId]))
      assert.equal(rows.length, callers * articlesEach, 'each article once')
      for (const { title, id } of rows) assert.equal(byTitle.get(title), id, 'as told')
      const ledger = async () => {
        const found = await owner.query<{ state: string; calls: number }>(
          `select case when made.id is null then 'idle, ' else 'made it, ' end
               || coalesce(string_agg(ended.type, ' ' order by ended.type), 'open') as state
           from nova.events called
           left join nova.events ended on ended.stream_id = called.stream_id
             and ended.type <> 'ToolCalled' and ended.data->>'call_id' = called.data->>'call_id'
           left join (
             select metadata->>'correlation_id' as id from nova.events where type = 'ArticleCreated'
           ) made on made.id = called.data->>'call_id'
           where called.type = 'ToolCalled' group by called.event_id, made.id`,
        )
        return found.rows.map(({ state }) => state)
      }
      const made = async () => (await ledger()).filter((state) => state.startsWith('made it'))
      await until(
        async () => !(await made()).includes('made it, open'),
        'every call that made an article to be settled',
      )
      assert.deepEqual(new Set(await made()), new Set(['made it, ToolCallSettled']))
      // Some of those that made none wait until it is certain that they never will.
      const idle = (await ledger()).filter((state) => state.startsWith('idle'))
      const allowed = ['idle, open', 'idle, ToolCallRefunded ToolCallSettled']
      assert.deepEqual(
        idle.filter((state) => !allowed.includes(state)),
        [],
      )
      // Its workers fold what is to be folded here.
      nova.signal('SIGTERM')
      await nova.ended
      await assertInvariants(database, [], { queue: false })
    } finally {
      await database.close()
    }
    const refusals = told.flatMap(({ refused }) => refused)
    assert.ok(refusals.length > 0, 'the kills struck')
  })
})
