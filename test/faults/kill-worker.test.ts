import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import pino from 'pino'
import { createArticle } from '../../src/commands/articles/create-article.ts'
import { extractUrls } from '../../src/commands/articles/extract-urls.ts'
import { startOperation } from '../../src/commands/runs/start-operation.ts'
import { admitToolCall } from '../../src/commands/usage/tool-calls.ts'
import { openJobQueue } from '../../src/compose/compose-workers.ts'
import { caller, commandWorld } from '../support/command-world.ts'
import { type Fate, faultyWire } from '../support/faulty-wire.ts'
import { assertInvariants } from '../support/invariants.ts'
import { limits } from '../support/limits.ts'
import { startNova } from '../support/nova-process.ts'
import { type Route, startSite } from '../support/site.ts'
import { until } from '../support/until.ts'

const ada = caller('ada')
const tool = 'scrape_and_clean_other_urls'
const page = (title: string) =>
  `<html><head><title>${title}</title></head><body><main><h1>${title}</h1><p>${'Words about ledgers and their keepers. '.repeat(20)}</p></main></body></html>`

/** An operation that reads every page of a site, sent to the queue, and what became of it. */
async function world(routes: Record<string, Route>) {
  const commands = await commandWorld()
  const { deps, database } = commands
  commands.clock.now = new Date()
  const site = await startSite(routes)
  const links = Object.keys(routes).map((path) => `- ${site.origin}${path}`)
  const guideline = Buffer.from(`# Reading\n\n${links.join('\n')}\n`)
  const { articleId } = await createArticle(deps, ada, { guideline })
  await extractUrls(deps, ada, { articleId })
  const call = { callId: 'call1', tool, articleId, defaults: limits() }
  const { callId: operationId, month } = await admitToolCall(deps, ada, call)
  await startOperation(deps, ada, {
    articleId,
    tool,
    operationId,
    month,
    weight: 1,
    operationsMax: 0,
  })
  await using sending = new AsyncDisposableStack()
  const queue = await openJobQueue(database, pino({ level: 'silent' }), false, sending)
  await queue.enqueue({ userId: 'ada', articleId, operationId })
  const count = async (sql: string) => (await database.owner.query(sql)).rowCount ?? 0
  return {
    database,
    url: commands.url,
    site,
    worker: (url: string) =>
      startNova(['serve', '--role', 'worker'], {
        DATABASE_URL: url,
        NOVA_DB_POOL: '8',
        NOVA_LINK_SECRET: 'a key of the tests that opens nothing else',
        NOVA_FETCH_ALLOW: new URL(site.origin).host,
      }),
    /** The queue finds out now, and not in ten seconds, that a worker no longer speaks. */
    missHeartbeat: () =>
      database.owner.query(
        `update pgboss.job set heartbeat_on = heartbeat_on - interval '1 hour' where state = 'active'`,
      ),
    /** No heartbeat is missed for an hour, so that it cannot be what tells of a killed worker. */
    promiseHeartbeat: () =>
      database.owner.query(
        `update pgboss.job set heartbeat_on = heartbeat_on + interval '1 hour' where state = 'active'`,
      ),
    isDone: async () =>
      (await count(
        `select from pgboss.job where name = 'run-operation' and state = 'completed'`,
      )) === 1,
    async assertDoneOnce() {
      const { rows } = await database.owner.query<{ type: string; n: number }>(
        `select type, count(*)::int as n from nova.events where stream_id ~ '^(article|usage)-'
         group by 1 order by 1`,
      )
      assert.deepEqual(Object.fromEntries(rows.map(({ type, n }) => [type, n])), {
        ArticleCreated: 1,
        OperationFinished: 1,
        OperationStarted: 1,
        SourceScraped: Object.keys(routes).length,
        ToolCallSettled: 1,
        ToolCalled: 1,
        UrlsExtracted: 1,
      })
      await assertInvariants(database)
    },
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]()
      await commands[Symbol.asyncDispose]()
    },
  }
}

/** What a job tells the database, in order. Each is a moment before and one after. */
const steps = {
  'the event of its second item': { text: /nova_append[\s\S]*SourceScraped/, nth: 2 },
  'the end of the operation': { text: /nova_append[\s\S]*OperationFinished/, nth: 1 },
  'the settling of the call': { text: /nova_append[\s\S]*ToolCallSettled/, nth: 1 },
  'the completion of the job': {
    text: /set completed_on = [\s\S]*state = 'completed'[\s\S]*run-operation/i,
    nth: 1,
  },
}
const fates: Record<string, Fate> = { before: 'unsent', after: 'unanswered' }

describe('a worker in the middle of an operation', { concurrency: 2 }, () => {
  for (const [step, { text, nth }] of Object.entries(steps)) {
    for (const [when, fate] of Object.entries(fates)) {
      it(`killed with -9 right ${when} ${step}: the next one ends it, each item and the call are recorded once`, async () => {
        await using w = await world({ '/a': page('A'), '/b': page('B'), '/c': page('C') })
        await using wire = await faultyWire(w.url)
        let seen = 0
        wire.decide = (request) => (text.test(request) && ++seen === nth ? fate : 'pass')
        await using killed = w.worker(wire.url)
        wire.onCut = () => killed.signal('SIGKILL')
        assert.equal(await killed.ended, 'SIGKILL', killed.output())
        await w.missHeartbeat()
        await using next = w.worker(w.url)
        await next.printed(/Ctrl-C/)
        await until(w.isDone, 'the end of the operation')
        next.signal('SIGTERM')
        assert.equal(await next.ended, 0)
        await w.assertDoneOnce()
      })
    }
  }

  it('killed with -9 is replaced by one that runs already, without waiting for a heartbeat', async () => {
    const answers: ServerResponse[] = []
    await using w = await world({
      '/slow': (_request, response) => {
        if (answers.push(response) > 1) response.end(page('Slow'))
      },
    })
    await using killed = w.worker(w.url)
    await until(() => answers.length === 1, 'the page to be asked for')
    await using other = w.worker(w.url)
    await other.printed(/Ctrl-C/)
    killed.signal('SIGKILL')
    await killed.ended
    await w.promiseHeartbeat()
    await until(w.isDone, 'the other worker to end the operation')
    other.signal('SIGTERM')
    assert.equal(await other.ended, 0)
    await w.assertDoneOnce()
  })

  it('frozen is replaced, and what it brings when it wakes up late is not recorded again', async () => {
    const answers: ServerResponse[] = []
    await using w = await world({
      '/a': page('A'),
      '/slow': (_request, response) => {
        // The frozen worker waits for the first answer, its replacement gets one at once.
        if (answers.push(response) > 1) response.end(page('Slow'))
      },
    })
    await using frozen = w.worker(w.url)
    await until(() => answers.length === 1, 'the answer of the page that holds the worker')
    frozen.signal('SIGSTOP')
    await w.missHeartbeat()
    await using next = w.worker(w.url)
    await until(w.isDone, 'the end of the operation')
    frozen.signal('SIGCONT')
    answers[0]?.end(page('Slow'))
    frozen.signal('SIGTERM')
    assert.equal(await frozen.ended, 0)
    next.signal('SIGTERM')
    assert.equal(await next.ended, 0)
    await w.assertDoneOnce()
  })
})
