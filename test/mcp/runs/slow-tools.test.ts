import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { assignPlan } from '../../../src/commands/usage/assign-plan.ts'
import { usageMonth, usageStream } from '../../../src/events/usage/usage-events.ts'
import { limits } from '../../support/limits.ts'
import { clientKinds } from '../../support/mcp-clients.ts'
import { type McpWorld, mcpWorld } from '../../support/mcp-world.ts'
import { until } from '../../support/until.ts'

const html = `<!doctype html><title>A page</title><article><h1>A page</h1><p>${'Words that stay. '.repeat(40)}</p></article>`
const guideline = '# A guideline\n\nhttp://pages.example/quick and http://pages.example/held'
const tool = 'scrape_and_clean_other_urls'

/** A world with an article of two pages, of which one waits until the test lets it go. */
async function heldWorld() {
  const waiting: ServerResponse[] = []
  const world = await mcpWorld({
    routes: { '/quick': html, '/held': (_request, response) => void waiting.push(response) },
  })
  const release = async () => {
    await until(() => waiting.length > 0, 'a page to be asked for')
    for (const response of waiting.splice(0)) {
      response.writeHead(200, { 'content-type': 'text/html' }).end(html)
    }
  }
  const begin = async (user = 'ada') => {
    const client = await world.connect('auto', user)
    const { article_id } = await client.ok('create_article', { guideline })
    await client.ok('extract_guidelines_urls', { article_id })
    return { ...client, article_id }
  }
  return { ...world, waiting, release, begin, [Symbol.asyncDispose]: world[Symbol.asyncDispose] }
}

/** The calls that were given back, from the record itself. */
async function refunded({ nova }: Pick<McpWorld, 'nova'>, userId: string) {
  const streamId = usageStream(userId, usageMonth(new Date()))
  const events = await nova.services.store.read({ userId, streamId })
  return events
    .filter(({ type }) => type === 'ToolCallRefunded')
    .map(({ data }) => data as { call_id: string })
}

describe('slow tools', () => {
  it('answer "running" when the time is over, and get_operation waits for the rest', async () => {
    await using world = await heldWorld()
    const { ok, article_id } = await world.begin()
    const started = await ok(tool, { article_id, wait_seconds: 0 })
    assert.equal(started.status, 'running')
    assert.deepEqual(Object(started.next_step).tool, 'get_operation')
    const { operation_id } = started
    assert.equal((await ok('get_operation', { operation_id, wait_seconds: 0 })).status, 'running')
    const early = await ok('create_research_file', { article_id })
    assert.match(Object(early.next_step).why, /still running\. Compile again/)
    const ended = ok('get_operation', { operation_id, wait_seconds: 50 })
    await world.release()
    assert.equal((await ended).status, 'completed')
    assert.deepEqual([(await ended).succeeded, (await ended).total], [2, 2])
    // create, extract, scrape, compile, get_operation and this one: polling was free.
    assert.equal((await ok('account_usage')).used, 6)
  })

  it('join the running operation instead of starting another', async () => {
    await using world = await heldWorld()
    const { ok, article_id } = await world.begin()
    const one = await ok(tool, { article_id, wait_seconds: 0 })
    const two = await ok(tool, { article_id, wait_seconds: 0 })
    assert.equal(two.operation_id, one.operation_id)
    const three = ok(tool, { article_id, wait_seconds: 50 })
    await world.release()
    assert.equal((await three).status, 'completed')
    assert.equal(world.site.count('/quick'), 1)
    assert.equal((await ok('account_usage')).used, 4, 'the two that joined were given back')
    assert.equal((await ok(tool, { article_id })).status, 'nothing_to_do')
    assert.equal((await ok('account_usage')).used, 5)
  })

  for (const kind of clientKinds) {
    it(`tell a client of ${kind} of every item, and go on when it cancels the call`, async () => {
      await using world = await heldWorld()
      const { article_id } = await world.begin()
      const client = await world.connect(kind)
      const leaving = new AbortController()
      const told: { progress: number; total?: number | undefined; message?: string | undefined }[] =
        []
      const left = client.call(
        tool,
        { article_id, wait_seconds: 50 },
        { signal: leaving.signal, onprogress: (progress) => void told.push(progress) },
      )
      await until(
        () => told.some(({ progress }) => progress === 1),
        'the progress of the first item',
      )
      assert.match(told.at(-1)?.message ?? '', /quick/)
      assert.equal(told.at(-1)?.total, 2)
      leaving.abort()
      await assert.rejects(left)
      await world.release()
      const again = await client.ok(tool, { article_id, wait_seconds: 50 })
      const article = await client.ok('get_article', { article_id })
      assert.match(String(again.status), /completed|nothing_to_do/)
      const states = (article.sources as { state: string }[]).map(({ state }) => state)
      assert.deepEqual(states, ['scraped', 'scraped'])
      assert.equal(world.site.count('/held'), 1)
    })
  }

  it('end their waiting when the client leaves, and give a joined call back', async () => {
    await using world = await heldWorld()
    const { article_id, ...client } = await world.begin()
    await client.ok(tool, { article_id, wait_seconds: 0 })
    const leaving = new AbortController()
    const joining = new Promise<void>((joined) => {
      const options = { signal: leaving.signal, onprogress: () => joined() }
      const { call } = client
      void call(tool, { article_id, wait_seconds: 50 }, options).catch(() => {})
    })
    await joining
    leaving.abort()
    // Long before its time is over, which would give it back as well.
    const isRefunded = async () => (await refunded(world, 'ada')).length === 1
    await until(isRefunded, "the refund of Ada's call", 45_000)
    await world.release()
  })

  it('end when they are cancelled, keep what they have, and can be taken up again', async () => {
    await using world = await heldWorld()
    const { ok, call, article_id } = await world.begin()
    const { operation_id } = await ok(tool, { article_id, wait_seconds: 0 })
    await until(async () => {
      const running = await ok('get_operation', { operation_id, wait_seconds: 0 })
      return running.succeeded === 1
    }, 'the first item to have succeeded')
    const cancelled = await ok('cancel_operation', { operation_id })
    assert.match(String(cancelled.status), /cancell/)
    const ended = await ok('get_operation', { operation_id, wait_seconds: 50 })
    assert.deepEqual([ended.status, ended.succeeded], ['cancelled', 1])
    const refused = await call('cancel_operation', { operation_id })
    assert.equal(refused.refusal.code, 'OPERATION_FINISHED')
    const again = ok(tool, { article_id, wait_seconds: 50 })
    await until(() => world.waiting.length === 2, 'a second page to be asked for')
    await world.release()
    assert.deepEqual([(await again).status, (await again).total], ['completed', 1])
  })

  it('that did nothing of N say to stop, quote the failures and ask, and count nothing', async () => {
    await using world = await mcpWorld()
    const { call, ok } = await world.connect('auto')
    const { article_id } = await ok('create_article', { guideline })
    await ok('extract_guidelines_urls', { article_id })
    const { structured, text, isError } = await call(tool, { article_id, wait_seconds: 50 })
    assert.equal(isError, false)
    assert.deepEqual([structured.status, structured.succeeded], ['failed', 0])
    assert.equal(Object(structured.next_step).tool, null)
    assert.match(text, /0 of 2[\s\S]*quote the failures[\s\S]*NOT_FOUND/i)
    const ours = ({ call_id }: { call_id?: string }) => call_id === structured.operation_id
    await until(async () => (await refunded(world, 'ada')).some(ours), 'the refund of this call')
    // create, extract and this look at the account.
    assert.equal((await ok('account_usage')).used, 3)
  })

  it('start no more operations than the plan allows, and give such a call back', async () => {
    await using world = await heldWorld()
    await assignPlan(
      world.nova.services,
      { userId: 'ada', metadata: { actor: 'cli' } },
      { ...limits({ concurrentOperations: 1 }), assignedBy: null },
    )
    const first = await world.begin()
    const second = await world.begin()
    await first.ok(tool, { article_id: first.article_id, wait_seconds: 0 })
    const args = { article_id: second.article_id, wait_seconds: 50 }
    const { refusal } = await second.call(tool, args)
    assert.deepEqual([refusal.code, refusal.retryable], ['OPERATIONS_TOO_MANY', true])
    assert.equal((await refunded(world, 'ada')).length, 1)
    const ended = first.ok(tool, { article_id: first.article_id, wait_seconds: 50 })
    await world.release()
    assert.equal((await ended).status, 'completed')
    const next = second.ok(tool, args)
    await world.release()
    assert.equal((await next).status, 'completed')
  })

  it('are charged for what their job does, also when it could not be sent at once', async () => {
    await using world = await heldWorld()
    const { ok, article_id } = await world.begin()
    const { operations } = world.nova.services
    const { enqueue } = operations
    const unsent: Parameters<typeof enqueue>[0][] = []
    operations.enqueue = async (job) => {
      unsent.push(job)
      throw new Error('the queue is away')
    }
    const started = await ok(tool, { article_id })
    assert.equal(started.status, 'running')
    operations.enqueue = enqueue
    assert.deepEqual(
      unsent.map(({ operationId }) => operationId),
      [started.operation_id],
    )
    for (const job of unsent) await enqueue(job)
    await world.release()
    const { operation_id } = started
    const ended = await ok('get_operation', { operation_id, wait_seconds: 50 })
    assert.equal(ended.succeeded, 2)
    const calls = (await refunded(world, 'ada')).map(({ call_id }) => call_id)
    assert.ok(!calls.includes(String(operation_id)))
  })

  it('give out an id that is found at once, also where no worker lives and none has folded it', async () => {
    await using world = await mcpWorld({ role: 'web' })
    const { ok } = await world.connect('auto')
    const { article_id } = await ok('create_article', { guideline })
    await ok('extract_guidelines_urls', { article_id })
    const { projector, owner } = world.nova.database
    // A projection that has stopped: nobody folds for it.
    await owner.query(
      `create function nova.fail() returns trigger language plpgsql as $$ begin raise 'stopped'; end $$;
       create trigger failing before insert on nova.operations_g1 for each row
       execute function nova.fail()`,
    )
    const { operation_id } = await ok(tool, { article_id, wait_seconds: 0 })
    const known = await projector.query('select from nova.operations')
    assert.equal(known.rowCount, 0, 'the projection does not know it')
    const waited = await ok('get_operation', { operation_id, wait_seconds: 0 })
    assert.equal(waited.status, 'running')
    const { refusal } = await world
      .connect('auto', 'ben')
      .then((ben) => ben.call('get_operation', { operation_id, wait_seconds: 0 }))
    assert.equal(refusal.code, 'OPERATION_NOT_FOUND')
    assert.equal((await ok('cancel_operation', { operation_id })).status, 'cancelling')
  })

  it('join with DATABASE_UNAVAILABLE at most, and not INTERNAL, when the queue breaks', async () => {
    await using world = await heldWorld()
    const { ok, call, article_id } = await world.begin()
    const { operation_id } = await ok(tool, { article_id, wait_seconds: 0 })
    const { operations } = world.nova.services
    const { enqueue } = operations
    operations.enqueue = async () => {
      throw new Error('Connection terminated unexpectedly')
    }
    const joined = await call(tool, { article_id, wait_seconds: 0 })
    assert.equal(joined.isError, false, joined.text)
    assert.equal(joined.structured.operation_id, operation_id)
    operations.enqueue = enqueue
    await world.release()
  })
})
