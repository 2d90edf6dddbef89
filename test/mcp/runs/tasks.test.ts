import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { loadArticle } from '../../../src/commands/articles/article-stream.ts'
import { eraseArticle } from '../../../src/commands/articles/erase-article.ts'
import { callerNamed } from '../../support/app.ts'
import { type McpWorld, type McpWorldOptions, mcpWorld } from '../../support/mcp-world.ts'
import { taskClient } from '../../support/task-client.ts'
import { until } from '../../support/until.ts'

const page = (title: string) =>
  `<!doctype html><html><head><title>${title}</title></head><body><article><h1>${title}</h1>
  <p>${'An append-only log keeps what happened, in order and for ever. '.repeat(8)}</p></article></body></html>`
const guideline = '# The log\n\nRead http://pages.example/one and http://pages.example/two.\n'
const pages = { '/one': page('One'), '/two': page('Two') }
const reading = 'scrape_and_clean_other_urls'

async function articleIn(world: McpWorld, user = 'ada'): Promise<string> {
  const { ok } = await world.connect('2026-07-28', user)
  const { article_id } = await ok('create_article', { guideline })
  await ok('extract_guidelines_urls', { article_id })
  return String(article_id)
}

async function worldWith(options: McpWorldOptions) {
  const world = await mcpWorld(options)
  return { world, article_id: await articleIn(world), client: taskClient(world.url) }
}

/** The second page answers when it is let go. */
function heldPages() {
  const waiting: ServerResponse[] = []
  const routes = {
    '/one': page('One'),
    '/two': (_request: unknown, response: ServerResponse) => void waiting.push(response),
  }
  const release = () => {
    for (const response of waiting) {
      response.writeHead(200, { 'content-type': 'text/html' }).end(page('Two'))
    }
  }
  return { routes, waiting, release }
}

const formOf = (task: Record<string, unknown>) =>
  Object.entries(
    task.inputRequests as Record<string, { method: string; params: { message: string } }>,
  )[0] ?? assert.fail('no request for input')

describe('a task', { concurrency: 2 }, () => {
  it('is what a slow tool answers at once, and ends with what the tool would have answered', async () => {
    const held = heldPages()
    const { world, article_id, client } = await worldWith({ routes: held.routes })
    await using _ = world
    const taskId = await client.begin(reading, { article_id, wait_seconds: 50 })
    await until(() => held.waiting.length > 0, 'the held page to be asked for')
    const working = await client.get(taskId)
    assert.equal(working.status, 'working')
    assert.equal(working.resultType, 'complete')
    assert.equal(working.ttlMs, null)
    assert.ok(!('result' in working))
    held.release()
    const done = await client.until(taskId, 'completed')
    const { ok } = await world.connect('2026-07-28')
    const plain = await ok('get_operation', { operation_id: taskId, wait_seconds: 0 })
    assert.deepEqual((done.result as { structuredContent: object }).structuredContent, plain)
    assert.ok(Date.parse(String(done.lastUpdatedAt)) >= Date.parse(String(done.createdAt)))
    const nothing = await client.call(reading, { article_id })
    assert.equal(nothing.resultType, 'complete', 'nothing to do needs no task')
  })

  it('asks its question as a form, takes the answer once, and goes on to the end', async () => {
    const { world, article_id, client } = await worldWith({ routes: {} })
    await using _ = world
    const taskId = await client.begin('research_article', { article_id, rounds: 0 })
    const asking = await client.until(taskId, 'input_required')
    const [key, { method, params }] = formOf(asking)
    assert.equal(method, 'elicitation/create')
    assert.match(params.message, /0 of 2 succeeded/)
    assert.match(params.message, /pages\.example\/one/)
    const say = (decision: string) => ({ [key]: { action: 'accept', content: { decision } } })
    for (const ignored of [{ other: { action: 'accept', content: {} } }, say('nonsense')]) {
      await client.update(taskId, ignored)
      assert.equal((await client.get(taskId)).status, 'input_required')
    }
    await client.update(taskId, { [key]: { action: 'decline' } })
    assert.equal((await client.get(taskId)).status, 'input_required')
    await client.update(taskId, say('continue'))
    await client.update(taskId, say('stop'))
    const done = await client.until(taskId, 'completed')
    const { structuredContent } = done.result as { structuredContent: { status: string } }
    assert.equal(structuredContent.status, 'finished')
  })

  it('that is cancelled ends so, keeps what it has, and may be cancelled again', async () => {
    const held = heldPages()
    const { world, article_id, client } = await worldWith({ routes: held.routes })
    await using _ = world
    const taskId = await client.begin(reading, { article_id })
    await until(() => held.waiting.length > 0, 'the held page to be asked for')
    assert.deepEqual(Object.keys(await client.cancel(taskId)).sort(), ['_meta', 'resultType'])
    const { ok } = await world.connect('2026-07-28')
    await client.until(taskId, 'cancelled')
    await client.cancel(taskId)
    const { sources } = await ok('get_article', { article_id })
    assert.ok((sources as { state: string }[]).some(({ state }) => state === 'pending'))

    const runId = await client.begin('research_article', { article_id, rounds: 0 })
    await client.cancel(runId)
    await client.cancel(runId)
    assert.equal((await client.get(runId)).status, 'cancelled')
    held.release()
  })

  it('of another user is answered, byte for byte, as one that never was', async () => {
    const { world, article_id, client } = await worldWith({ routes: pages })
    await using _ = world
    const ids = [
      await client.begin(reading, { article_id }),
      await client.begin('research_article', { article_id, rounds: 0 }),
    ]
    const bob = taskClient(world.url, { user: 'bob' })
    const inputResponses = { 'question-1': { action: 'accept', content: { decision: 'stop' } } }
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const params = method === 'tasks/update' ? { inputResponses } : {}
      const absent = await bob.send(method, { taskId: '01ABSENT', ...params })
      assert.equal(absent.error?.code, -32_602)
      for (const taskId of ids) {
        assert.equal((await bob.send(method, { taskId, ...params })).text, absent.text)
      }
    }
    for (const taskId of ids) await client.until(taskId, 'completed')
  })

  it('is there on another server after the one that began it has stopped', async () => {
    const first = await mcpWorld({ role: 'web', routes: pages })
    await using _ = first
    const article_id = await articleIn(first)
    const taskId = await taskClient(first.url).begin('research_article', { article_id, rounds: 0 })
    await first.nova.close()
    await using second = await mcpWorld({ databaseUrl: first.databaseUrl, routes: pages })
    const done = await taskClient(second.url).until(taskId, 'completed')
    assert.match(JSON.stringify(done.result), /create_research_file/)
  })

  it('is for clients that declare it with the request, and the others get the plain answer', async () => {
    const { world, article_id, client } = await worldWith({ routes: pages })
    await using _ = world
    const plain = taskClient(world.url, { declares: { elicitation: {} } })
    const answer = await plain.call(reading, { article_id, wait_seconds: 50 })
    assert.equal(answer.resultType, 'complete')
    const { operation_id } = answer.structuredContent as { operation_id: string }
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const { error } = await plain.send(method, { taskId: operation_id, inputResponses: {} })
      assert.equal(error?.code, -32_021, method)
    }
    assert.equal((await client.get(operation_id)).status, 'completed')
    const formless = taskClient(world.url, {
      declares: { extensions: { 'io.modelcontextprotocol/tasks': {} } },
    })
    const run = await formless.call('research_article', { article_id, rounds: 0, wait_seconds: 50 })
    assert.equal(run.resultType, 'complete', 'who cannot be asked waits for the run in words')
  })

  it('is seen by a token that may read, and changed by one that may write', async () => {
    const { world, article_id, client } = await worldWith({ routes: pages })
    await using _ = world
    const taskId = await client.begin('research_article', { article_id, rounds: 0 })
    const reader = taskClient(world.url, { scopes: ['nova:read'] })
    assert.equal((await reader.get(taskId)).taskId, taskId)
    for (const method of ['tasks/update', 'tasks/cancel']) {
      const { error } = await reader.send(method, { taskId, inputResponses: {} })
      assert.match(JSON.stringify(error), /SCOPE_MISSING/)
    }
    await client.until(taskId, 'completed')
    const { article } = await loadArticle(world.nova.services.store, 'ada', article_id)
    assert.equal(article.runs.get(taskId)?.status, 'finished')
  })

  it('of an article that was erased is one that never was', async () => {
    const { world, article_id, client } = await worldWith({ routes: pages })
    await using _ = world
    const taskId = await client.begin('research_article', { article_id, rounds: 0 })
    await client.until(taskId, 'completed')
    await eraseArticle(world.nova.services, callerNamed('ada'), { articleId: article_id })
    const { error } = await client.send('tasks/get', { taskId })
    assert.equal(error?.code, -32_602)
  })
})
