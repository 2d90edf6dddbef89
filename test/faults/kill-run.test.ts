import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pino from 'pino'
import { loadArticle } from '../../src/commands/articles/article-stream.ts'
import { createArticle } from '../../src/commands/articles/create-article.ts'
import { runOf, startRun } from '../../src/commands/runs/research-run.ts'
import { openJobQueue } from '../../src/compose/compose-workers.ts'
import { caller, commandWorld } from '../support/command-world.ts'
import { assertInvariants } from '../support/invariants.ts'
import { startNova } from '../support/nova-process.ts'
import { startSearchServer } from '../support/search-server.ts'
import { startSite } from '../support/site.ts'
import { until } from '../support/until.ts'

const ada = caller('ada')
const page = (title: string) =>
  `<html><head><title>${title}</title></head><body><main><h1>${title}</h1><p>${'An append-only ledger keeps what happened. '.repeat(20)}</p></main></body></html>`

/** A run that nobody works at yet, and workers to be killed. */
async function world() {
  const commands = await commandWorld()
  const { deps, database } = commands
  commands.clock.now = new Date()
  const site = await startSite({
    '/one': page('One'),
    '/two': page('Two'),
    '/found': page('Found'),
  })
  const search = await startSearchServer([
    {
      url: `${site.origin}/found`,
      title: 'The append-only ledger',
      snippet: 'An append-only ledger keeps what happened.',
    },
  ])
  const guideline = `# The append-only ledger\n\n- ${site.origin}/one\n- ${site.origin}/two\n`
  const { articleId } = await createArticle(deps, ada, { guideline: Buffer.from(guideline) })
  await startRun(deps, ada, {
    articleId,
    runId: 'run1',
    rounds: 2,
    decidedBy: 'heuristic',
    budget: { calls: null, costUsd: null, minutes: null },
    keepGoing: false,
  })
  await using sending = new AsyncDisposableStack()
  const queue = await openJobQueue(database, pino({ level: 'silent' }), false, sending)
  await queue.goOn({ userId: 'ada', articleId, runId: 'run1' })
  return {
    database,
    site,
    worker: () =>
      startNova(['serve', '--role', 'worker'], {
        DATABASE_URL: commands.url,
        NOVA_DB_POOL: '8',
        NOVA_LINK_SECRET: 'a key of the tests that opens nothing else',
        NOVA_FETCH_ALLOW: new URL(site.origin).host,
        NOVA_SEARXNG_URL: `${search.origin}/searxng`,
        NOVA_SEARCH: 'searxng',
      }),
    run: async () => runOf((await loadArticle(deps.store, 'ada', articleId)).article, 'run1'),
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]()
      await search[Symbol.asyncDispose]()
      await commands[Symbol.asyncDispose]()
    },
  }
}

describe('a research run', () => {
  it('whose worker is killed again and again loses nothing and does nothing twice', async () => {
    await using w = await world()
    let kills = 0
    // An odd number, so that the kills fall behind beginnings and behind ends of steps.
    const stride = 3
    for (let seen = 0; (await w.run()).status === 'running'; kills += 1) {
      await using worker = w.worker()
      await until(
        async () => {
          const { steps, status } = await w.run()
          // Begun, or ended: the one leaves an open call behind, the other a run that nobody is told of.
          const moves = steps.length + steps.filter(({ state }) => state !== 'begun').length
          if (moves < seen + stride && status === 'running') return false
          seen = moves
          return true
        },
        'the run to move on',
        180_000,
      )
      worker.signal('SIGKILL')
    }
    const run = await w.run()
    assert.equal(run.status, 'finished')
    assert.ok(kills > 4, `only ${kills} workers were killed`)
    const { rows } = await w.database.owner.query<{ type: string; call: string; n: number }>(
      `select type, coalesce(data->>'call_id', data->>'source', data->>'query_number') as call,
         count(*)::int as n
       from nova.events
       where type in ('ToolCalled', 'ToolCallSettled', 'SourceScraped', 'ResearchResultRecorded')
       group by 1, 2`,
    )
    const times = (type: string, call: string) =>
      rows.find((row) => row.type === type && row.call === call)?.n
    for (const { callId, tool } of run.steps) {
      assert.equal(times('ToolCalled', callId), 1, `${tool} was admitted once`)
      assert.equal(times('ToolCallSettled', callId), 1, `${tool} was settled once`)
    }
    for (const { type, call, n } of rows) {
      assert.equal(n, 1, `${type} of ${call} is there once`)
    }
    // A page that a killed worker was reading is read again; no other is.
    assert.ok(w.site.count('/one') <= kills)
    await assertInvariants(w.database)
  })
})
