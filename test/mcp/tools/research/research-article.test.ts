import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadArticle } from '../../../../src/commands/articles/article-stream.ts'
import { latestRun } from '../../../../src/commands/runs/research-run.ts'
import type { RunView } from '../../../../src/commands/runs/run-view.ts'
import { type Connected, clientKinds } from '../../../support/mcp-clients.ts'
import { type McpWorld, type McpWorldOptions, mcpWorld } from '../../../support/mcp-world.ts'
import { until } from '../../../support/until.ts'

const page = (title: string) =>
  `<!doctype html><html><head><title>${title}</title></head><body><article><h1>${title}</h1>
  <p>${`${title} explains how an append-only log keeps what happened, in order and for ever. `.repeat(8)}</p>
  </article></body></html>`
const hits = [
  {
    url: 'http://pages.example/found',
    title: 'Append-only logs',
    snippet: 'How an append-only log keeps what happened, in order.',
  },
]
const guideline = `# The append-only log\n\nRead http://pages.example/one and http://pages.example/two.\n`
const routes = { '/one': page('Page one'), '/two': page('Page two'), '/found': page('Found') }

async function article(options: McpWorldOptions, text = guideline) {
  const world = await mcpWorld({ hits, ...options })
  const client = await world.connect('2026-07-28')
  const { article_id } = await client.ok('create_article', { guideline: text })
  return { world, client, article_id: String(article_id) }
}

/** Calls until the run is not running any more, as an agent does. */
async function research(
  client: Connected,
  article_id: string,
  args: object = {},
): Promise<RunView & { next_step: { tool: string | null } }> {
  let answer = await client.ok('research_article', { article_id, wait_seconds: 50, ...args })
  for (let calls = 0; answer.status === 'running' && calls < 10; calls += 1) {
    const { run_id } = answer
    answer = await client.ok('research_article', { article_id, run_id, wait_seconds: 50 })
  }
  return answer as unknown as RunView & { next_step: { tool: string | null } }
}

const toolsOf = ({ steps }: RunView) => steps.map(({ tool }) => tool)

async function runIn(world: McpWorld, articleId: string) {
  const { article: state } = await loadArticle(world.nova.services.store, 'ada', articleId)
  const run = latestRun(state)
  assert.ok(run)
  return { state, run }
}

describe('research_article', { concurrency: 2 }, () => {
  for (const kind of clientKinds) {
    it(`leads a client of ${kind} from a guideline to research.md by one call`, async () => {
      await using world = await mcpWorld({ routes, hits })
      const client = await world.connect(kind)
      const { article_id } = await client.ok('create_article', { guideline })
      const run = await research(client, String(article_id), { rounds: 1 })
      assert.equal(run.status, 'finished')
      assert.deepEqual(toolsOf(run), [
        'extract_guidelines_urls',
        'scrape_and_clean_other_urls',
        'generate_next_queries',
        'run_perplexity_research',
        'select_research_sources_to_keep',
        'select_research_sources_to_scrape',
        'scrape_research_urls',
        'create_research_file',
      ])
      assert.equal(run.next_step.tool, 'read_research')
      const { text } = await client.call('read_research', { article_id })
      assert.match(text, /Page one explains/)
      assert.match(text, /Found explains/)
      // Its steps are counted, and the calls that only waited for it are not; three others were made.
      const usage = await client.ok('account_usage')
      assert.equal(usage.used, run.calls + 3)
    })
  }

  it('is joined by whoever starts it a second time, and reads no page twice', async () => {
    const { world, client, article_id } = await article({ routes })
    await using _ = world
    const runs = await Promise.all([1, 2, 3].map(() => research(client, article_id, { rounds: 0 })))
    assert.equal(new Set(runs.map(({ run_id }) => run_id)).size, 1)
    assert.equal(world.site.count('/one'), 1)
    assert.equal(runs[0]?.status, 'finished')
  })

  it('is waited for by its id, also when it has ended meanwhile, and no other is started', async () => {
    const { world, client, article_id } = await article({ routes })
    await using _ = world
    const started = await client.ok('research_article', { article_id, rounds: 0, wait_seconds: 0 })
    const { run_id } = started
    const ended = async () => (await runIn(world, article_id)).run.status === 'finished'
    await until(ended, 'the run to end between two calls')
    const waited = await client.ok('research_article', { article_id, run_id, wait_seconds: 50 })
    assert.equal(waited.run_id, run_id)
    assert.equal((await runIn(world, article_id)).state.runs.size, 1)
    const unknown = await client.call('research_article', { article_id, run_id: 'another' })
    assert.equal(unknown.refusal.code, 'RUN_UNKNOWN')
  })

  it('is not started a second time by the same call when the client had left before its answer', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow = (_: unknown, response: { end: (body: string) => void }) =>
      void held.then(() => response.end(page('Page one')))
    const { world, client, article_id } = await article({ routes: { ...routes, '/one': slow } })
    await using _ = world
    const leaving = new AbortController()
    const args = { article_id, rounds: 0, wait_seconds: 50 }
    const left = client.call('research_article', args, { signal: leaving.signal })
    await until(() => world.site.count('/one') > 0, 'the page to be asked for')
    leaving.abort()
    await assert.rejects(left)
    const heard = async () => (await world.nova.services.inHand.ended(10)) === 0
    await until(heard, 'the call to have ended')
    release()
    const ended = async () => (await runIn(world, article_id)).run.status === 'finished'
    await until(ended, 'the run to end')
    const answer = await client.ok('research_article', args)
    assert.equal(answer.status, 'finished')
    assert.equal((await runIn(world, article_id)).state.runs.size, 1)
    // That answer was heard, so the same words mean another run now.
    const another = await client.ok('research_article', args)
    assert.notEqual(another.run_id, answer.run_id)
  })

  it('asks when 0 of N sources can be read, and says ready to nobody before it is answered', async () => {
    const { world, client, article_id } = await article({ routes: {} })
    await using _ = world
    const run = await research(client, article_id, { rounds: 0 })
    assert.equal(run.status, 'paused')
    assert.equal(run.question?.kind, 'all_failed')
    assert.equal(run.question?.tool, 'scrape_and_clean_other_urls')
    assert.deepEqual(
      run.question?.failures.map(({ label }) => label),
      ['http://pages.example/one', 'http://pages.example/two'],
    )
    assert.equal(run.next_step.tool, null)
    const { status, next_step } = await client.ok('get_article', { article_id })
    assert.notEqual(status, 'completed')
    assert.equal((next_step as { tool: string | null }).tool, 'research_article')
    const early = await client.call('create_research_file', { article_id })
    assert.equal(early.refusal.code, 'NOTHING_SUCCEEDED')

    const answered = await research(client, article_id, { answer: 'continue' })
    assert.equal(answered.status, 'finished')
    const again = await client.call('research_article', { article_id, answer: 'continue' })
    assert.equal(again.refusal.code, 'RUN_NOT_ASKING')
  })

  it('goes on by itself without what failed when it was told to', async () => {
    const { world, client, article_id } = await article({ routes: {} })
    await using _ = world
    const run = await research(client, article_id, { rounds: 0, keep_going: true })
    assert.equal(run.status, 'finished')
  })

  it('goes on by itself when what was down is back', async () => {
    let isDown = true
    const { world, client, article_id } = await article({
      environment: { NOVA_RUN_RETRY_SECONDS: '1' },
      routes: {
        '/one': (_request, response) => {
          response.writeHead(isDown ? 503 : 200, { 'content-type': 'text/html' })
          response.end(isDown ? '' : page('Page one'))
        },
      },
    })
    await using _ = world
    const one = '# Log\n\nRead http://pages.example/one.\n'
    const { article_id: single } = await client.ok('create_article', { guideline: one })
    const run = await research(client, String(single), { rounds: 0 })
    assert.equal(run.status, 'paused')
    assert.notEqual(run.question?.resumes_at, null)
    isDown = false
    const ended = async () => (await runIn(world, String(single))).run.status === 'finished'
    await until(ended, 'the run to finish by itself')
    const { run: finished } = await runIn(world, String(single))
    assert.equal(finished.scheduled.get('scrape_and_clean_other_urls'), 1)
    assert.notEqual(article_id, single)
  })

  it('pauses at the end of the quota and can be stopped there', async () => {
    const { world, client, article_id } = await article({ routes, limit: 3 })
    await using _ = world
    const run = await research(client, article_id)
    assert.equal(run.status, 'paused')
    assert.equal(run.question?.kind, 'quota')
    assert.deepEqual(run.question?.choices, ['retry', 'stop'])
    const wrong = await client.call('research_article', { article_id, answer: 'continue' })
    assert.equal(wrong.refusal.code, 'RUN_CHOICE_UNKNOWN')
    const stopped = await research(client, article_id, { answer: 'stop' })
    assert.equal(stopped.status, 'cancelled')
  })

  it('stops at its budget with what it has', async () => {
    const { world, client, article_id } = await article({ routes })
    await using _ = world
    const run = await research(client, article_id, { max_calls: 2 })
    assert.equal(run.question?.kind, 'budget')
    const compiled = await research(client, article_id, { answer: 'continue' })
    assert.equal(compiled.status, 'finished')
    assert.deepEqual(toolsOf(compiled), [
      'extract_guidelines_urls',
      'scrape_and_clean_other_urls',
      'create_research_file',
    ])
  })

  it('ends with its operations when it is stopped, and leaves no call open', async () => {
    const { world, client, article_id } = await article({
      routes: { '/one': (_request, response) => void response.flushHeaders(), '/two': page('Two') },
    })
    await using _ = world
    const started = await client.ok('research_article', { article_id, wait_seconds: 0 })
    assert.equal(started.status, 'running')
    await until(() => world.site.count('/one') > 0, 'a page to be asked for')
    const stopped = await research(client, article_id, { answer: 'stop' })
    assert.equal(stopped.status, 'cancelled')
    await until(async () => {
      const { state } = await runIn(world, article_id)
      return [...state.operations.values()].every(({ status }) => status === 'cancelled')
    }, 'its operation to end')
    const usage = async () => await client.ok('account_usage')
    await until(async () => (await usage()).reserved === 0, 'no call to be open')
  })
})
