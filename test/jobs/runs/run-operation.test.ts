import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import pino from 'pino'
import { archiveArticle } from '../../../src/commands/articles/archive-article.ts'
import { loadArticle } from '../../../src/commands/articles/article-stream.ts'
import { createArticle } from '../../../src/commands/articles/create-article.ts'
import { eraseArticle } from '../../../src/commands/articles/erase-article.ts'
import { extractUrls } from '../../../src/commands/articles/extract-urls.ts'
import { cancelOperation } from '../../../src/commands/runs/finish-operation.ts'
import { startOperation } from '../../../src/commands/runs/start-operation.ts'
import { admitToolCall } from '../../../src/commands/usage/tool-calls.ts'
import { composeOutside } from '../../../src/compose/compose-research.ts'
import { parseConfig } from '../../../src/config.ts'
import { usageStream } from '../../../src/events/usage/usage-events.ts'
import {
  type RunOperationDeps,
  runOperation,
  type WorkItem,
} from '../../../src/jobs/runs/run-operation.ts'
import { workQuery } from '../../../src/jobs/runs/work-query.ts'
import { workSource } from '../../../src/jobs/runs/work-source.ts'
import { SourceFailure } from '../../../src/sources/source-failure.ts'
import type { Erasure } from '../../../src/store/events/erasure.ts'
import type { EventStore } from '../../../src/store/events/event-store.ts'
import { caller, commandWorld } from '../../support/command-world.ts'
import { limits } from '../../support/limits.ts'
import { type Route, startSite } from '../../support/site.ts'
import { until } from '../../support/until.ts'

const ada = caller('ada')
const tool = 'scrape_and_clean_other_urls'

/** An article whose guideline names every route of a site, and the operation that reads them. */
async function world(routes: Record<string, Route>) {
  const commands = await commandWorld()
  const site = await startSite(routes)
  const parsed = parseConfig({
    NOVA_FETCH_ALLOW: new URL(site.origin).host,
    NOVA_FETCH_TIMEOUT: '300',
    NOVA_FETCH_PER_HOST: '4',
  })
  if (!parsed.ok) throw new Error(parsed.problem)
  const outside = composeOutside(parsed.config)
  const log = pino({ level: 'silent' })
  const source = workSource({ ...commands.deps, gather: outside.gather, cleaner: null, log })
  const query = workQuery({ ...commands.deps, search: outside.search, prices: new Map(), log })
  const deps: RunOperationDeps & { erasure: Erasure } = {
    ...commands.deps,
    goOn: async () => assert.fail('no run is open'),
    workers: { source, query },
  }
  const links = Object.keys(routes).filter((path) => path !== '/robots.txt')
  const guideline = `# Reading\n\n${links.map((path) => `- ${site.origin}${path}`).join('\n')}\n`
  const { articleId } = await createArticle(deps, ada, { guideline: Buffer.from(guideline) })
  await extractUrls(deps, ada, { articleId })
  const call = await admitToolCall(commands.deps, ada, {
    callId: 'call1',
    tool,
    articleId,
    defaults: limits(),
  })
  await startOperation(deps, ada, {
    articleId,
    tool,
    operationId: call.callId,
    month: call.month,
    weight: 1,
    operationsMax: 0,
  })
  return {
    deps,
    site,
    articleId,
    sql: (text: string) => commands.database.owner.query(text),
    job: { userId: 'ada', articleId, operationId: 'call1' },
    operation: async () =>
      (await loadArticle(deps.store, 'ada', articleId)).article.operations.get('call1'),
    usage: async () => {
      const events = await deps.store.read({
        userId: 'ada',
        streamId: usageStream('ada', call.month),
      })
      return events.map(({ type }) => type)
    },
    async [Symbol.asyncDispose]() {
      await outside.close()
      await site[Symbol.asyncDispose]()
      await commands[Symbol.asyncDispose]()
    },
  }
}

const never = new AbortController().signal
const page = (title: string) =>
  `<html><head><title>${title}</title></head><body><main><h1>${title}</h1><p>${'Words about ledgers and their keepers. '.repeat(20)}</p></main></body></html>`

describe('running an operation', { concurrency: true }, () => {
  it('records every item, good or bad, and settles the call that began it', async () => {
    await using w = await world({
      '/a': page('A'),
      '/b': page('B'),
      '/missing': { status: 404, body: 'no' },
    })
    await runOperation(w.deps, w.job, never)
    const operation = await w.operation()
    assert.equal(operation?.status, 'completed')
    assert.deepEqual([operation.succeeded.length, operation.failed.length], [2, 1])
    assert.deepEqual(await w.usage(), ['ToolCalled', 'ToolCallSettled'])
  })

  it('records items that end at once without making one of them decide again', async () => {
    const paths = Array.from({ length: 30 }, (_, n) => [`/${n}`, page('A')] as const)
    await using w = await world(Object.fromEntries(paths))
    const log = pino({ level: 'silent' })
    const gather = async () => {
      throw new SourceFailure('CONNECTION')
    }
    let appends = 0
    const { store } = w.deps
    const counting: EventStore = {
      append: (...args) => {
        appends++
        return store.append(...args)
      },
      read: (...args) => store.read(...args),
      readAll: (...args) => store.readAll(...args),
      waitForChange: (...args) => store.waitForChange(...args),
    }
    const work = workSource({ ...w.deps, store: counting, gather, cleaner: null, log })
    const workers = { ...w.deps.workers, source: work }
    await runOperation({ ...w.deps, workers }, w.job, never)
    assert.equal((await w.operation())?.failed.length, paths.length)
    assert.equal(appends, paths.length)
  })

  it('gives the call back when nothing could be read', async () => {
    await using w = await world({ '/missing': { status: 404, body: 'no' } })
    await runOperation(w.deps, w.job, never)
    await runOperation(w.deps, w.job, never)
    assert.equal((await w.operation())?.status, 'failed')
    assert.deepEqual(await w.usage(), ['ToolCalled', 'ToolCallSettled', 'ToolCallRefunded'])
  })

  it('goes on after a stop without reading again what was recorded', async () => {
    const gate = Promise.withResolvers<void>()
    await using w = await world({
      '/a': page('A'),
      '/b': (_request, response) => {
        gate.promise.then(
          () => response.end(page('B')),
          () => {},
        )
      },
      '/c': page('C'),
    })
    const stopping = new AbortController()
    const first = runOperation(w.deps, w.job, stopping.signal)
    await until(async () => (await w.operation())?.succeeded.length === 2, 'two items on record')
    stopping.abort(new Error('stopping'))
    await assert.rejects(first, /stopping/)
    gate.resolve()
    await runOperation(w.deps, w.job, never)
    assert.deepEqual((await w.operation())?.succeeded.toSorted(), [1, 2, 3])
    assert.equal(w.site.count('/a'), 1)
    assert.equal(w.site.count('/c'), 1)
  })

  it('has one outcome per item when two workers have the same job', async () => {
    await using w = await world({ '/a': page('A'), '/b': page('B') })
    await Promise.all([runOperation(w.deps, w.job, never), runOperation(w.deps, w.job, never)])
    const operation = await w.operation()
    assert.deepEqual(operation?.succeeded.toSorted(), [1, 2])
    assert.deepEqual(await w.usage(), ['ToolCalled', 'ToolCallSettled'])
  })

  it('lets go of an item in flight when it is cancelled', async () => {
    const asked = Promise.withResolvers<void>()
    await using w = await world({
      '/slow': () => asked.resolve(),
    })
    const running = runOperation(w.deps, w.job, never)
    await asked.promise
    await cancelOperation(w.deps, ada, { articleId: w.articleId, operationId: 'call1' })
    await running
    assert.equal((await w.operation())?.status, 'cancelled')
    assert.deepEqual(await w.usage(), ['ToolCalled', 'ToolCallSettled', 'ToolCallRefunded'])
  })

  it('ends when the article is erased before anything was read, and gives the call back once', async () => {
    const asked = Promise.withResolvers<void>()
    await using w = await world({ '/slow': () => asked.resolve() })
    const running = runOperation(w.deps, w.job, never)
    await asked.promise
    await eraseArticle(w.deps, ada, { articleId: w.articleId })
    await running
    const events = await w.deps.store.read({ userId: 'ada', streamId: `article-${w.articleId}` })
    assert.equal(events.at(-1)?.type, 'ArticleErased')
    const settled = ['ToolCalled', 'ToolCallSettled', 'ToolCallRefunded']
    assert.deepEqual(await w.usage(), settled)
    await Promise.all([runOperation(w.deps, w.job, never), runOperation(w.deps, w.job, never)])
    assert.deepEqual(await w.usage(), settled)
  })

  it('counts what was read before the article was erased', async () => {
    const asked = Promise.withResolvers<void>()
    await using w = await world({ '/a': page('A'), '/slow': () => asked.resolve() })
    const running = runOperation(w.deps, w.job, never)
    await asked.promise
    await until(async () => (await w.operation())?.succeeded.length === 1, 'the item on record')
    await eraseArticle(w.deps, ada, { articleId: w.articleId })
    await running
    assert.deepEqual(await w.usage(), ['ToolCalled', 'ToolCallSettled'])
  })

  it('names the start of the operation as the cause of all that it records', async () => {
    await using w = await world({ '/a': page('A'), '/missing': { status: 404, body: 'no' } })
    await runOperation(w.deps, w.job, never)
    const events = await w.deps.store.read({ userId: 'ada', streamId: `article-${w.articleId}` })
    const start = events.find(({ type }) => type === 'OperationStarted')
    const caused = events.filter(({ metadata }) => metadata.actor === 'job')
    assert.equal(caused.length, 3)
    assert.ok(caused.every(({ metadata }) => metadata.causation_id === start?.eventId))
  })

  it('ends when the article is archived meanwhile, asks for nothing more, and settles the call', async () => {
    const asked = Promise.withResolvers<void>()
    await using w = await world({
      '/a': (_request, response) => {
        asked.promise.then(() => response.end(page('A')))
      },
      '/slow': () => asked.resolve(),
      '/later': page('Later'),
    })
    const stopping = new AbortController()
    const first = runOperation(w.deps, w.job, stopping.signal)
    await asked.promise
    stopping.abort(new Error('stopping'))
    await assert.rejects(first, /stopping/)
    await archiveArticle(w.deps, ada, { articleId: w.articleId, archived: true })
    await runOperation(w.deps, w.job, never)
    assert.equal((await w.operation())?.status, 'cancelled')
    assert.equal(w.site.count('/later'), 0)
    assert.equal((await w.usage())[1], 'ToolCallSettled')
  })

  it('blames no source for a database that failed, and reads it again', async () => {
    await using w = await world({ '/a': page('A') })
    await w.sql(`create function nova.fail() returns trigger language plpgsql as
      $$ begin raise 'out of connections' using errcode = '53300'; end $$`)
    await w.sql(
      'create trigger failing before insert on nova.contents execute function nova.fail()',
    )
    await assert.rejects(runOperation(w.deps, w.job, never), { code: 'DATABASE_UNAVAILABLE' })
    await w.sql('drop trigger failing on nova.contents')
    await runOperation(w.deps, w.job, never)
    assert.deepEqual((await w.operation())?.succeeded, [1])
  })

  it('leaves no item in flight when it fails', async () => {
    await using w = await world({ '/a': page('A'), '/b': page('B') })
    const inFlight = Promise.withResolvers<void>()
    let isLeft = true
    const work: WorkItem = async ({ signal }, item) => {
      if (item === 1) {
        await inFlight.promise
        throw new Error('a bug')
      }
      inFlight.resolve()
      await once(signal, 'abort')
      isLeft = false
      throw signal.reason
    }
    const workers = { ...w.deps.workers, source: work }
    await assert.rejects(runOperation({ ...w.deps, workers }, w.job, never), /a bug/)
    assert.equal(isLeft, false)
    assert.equal((await w.operation())?.status, 'running')
  })
})
