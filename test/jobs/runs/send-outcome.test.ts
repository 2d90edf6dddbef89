import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadArticle } from '../../../src/commands/articles/article-stream.ts'
import { cancelRun, startRun } from '../../../src/commands/runs/research-run.ts'
import { userWebhookSecrets } from '../../../src/commands/runs/webhook-signature.ts'
import { callerNamed } from '../../support/app.ts'
import { type McpWorld, type McpWorldOptions, mcpWorld } from '../../support/mcp-world.ts'
import { until } from '../../support/until.ts'
import { assertSigned, webhookReceiver } from '../../support/webhook-receiver.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const ada = callerNamed('ada')
const page = `<title>One</title><main><p>${'A ledger keeps what happened. '.repeat(30)}</p></main>`
const guideline = '# Ledgers\n\nRead http://pages.example/one\n'
const hook = 'http://pages.example/hook'

const worldWith = ({ routes, environment, ...options }: McpWorldOptions) =>
  mcpWorld({
    ...options,
    routes: { '/one': page, ...routes },
    environment: {
      NOVA_WEBHOOK_RETRY_SECONDS: '1',
      NOVA_WEBHOOK_SECRET: secret,
      ...environment,
    },
  })

/** Starts a run of a new article, as REST does. */
async function begin(world: McpWorld, webhook?: string) {
  const { ok } = await world.connect('2026-07-28')
  const articleId = String((await ok('create_article', { guideline })).article_id)
  const { services } = world.nova
  const runId = `run-of-${articleId}`
  await startRun(services, ada, {
    articleId,
    runId,
    rounds: 0,
    decidedBy: 'heuristic',
    budget: { calls: null, costUsd: null, minutes: null },
    keepGoing: false,
    webhook: webhook ? { url: webhook, allow: services.config.NOVA_FETCH_ALLOW } : undefined,
  })
  const job = { userId: 'ada', articleId, runId }
  await services.runs.goOn(job)
  return job
}

async function runOf(world: McpWorld, { articleId, runId }: { articleId: string; runId: string }) {
  const { article } = await loadArticle(world.nova.services.store, 'ada', articleId)
  return article.runs.get(runId) ?? assert.fail('no such run')
}

const toldAs = (world: McpWorld, job: { articleId: string; runId: string }, who: string) =>
  until(
    async () => {
      const { telling } = await runOf(world, job)
      return [...telling].some(([receiver, { state }]) => receiver === who && state !== 'due')
    },
    `the ${who} to be told`,
    240_000,
  )

async function eventsOf(world: McpWorld, articleId: string) {
  const stream = { userId: 'ada', streamId: `article-${articleId}` }
  const events = await world.nova.services.store.read(stream)
  return events
    .filter(({ type }) => type.startsWith('ResearchRunOutcome'))
    .map(({ type, data }) => ({ type, ...(data as { attempt: number; reason?: string }) }))
}

describe('a webhook', { concurrency: 2 }, () => {
  it('tells the operator how a run ended, signed, again with the same id until it is taken', async () => {
    const receiver = webhookReceiver([500, 'hang up'])
    await using world = await worldWith({
      routes: { '/hook': receiver.route },
      environment: { NOVA_WEBHOOK_URL: hook },
    })
    const job = await begin(world)
    await toldAs(world, job, 'operator')
    const { deliveries } = receiver
    assert.equal(deliveries.length, 3)
    assert.equal(new Set(deliveries.map(({ id }) => id)).size, 1)
    for (const delivery of deliveries) {
      assertSigned(delivery, secret)
      assert.equal(delivery.body.outcome, 'finished')
      const { run_id, article_id, user_id, status } = delivery.body.run
      assert.deepEqual([run_id, article_id, user_id], [job.runId, job.articleId, 'ada'])
      assert.equal(status, 'finished')
    }
    const tries = (await eventsOf(world, job.articleId)).map(({ type, attempt, reason }) => [
      type,
      attempt,
      reason,
    ])
    assert.deepEqual(tries, [
      ['ResearchRunOutcomeNotSent', 1, 'HTTP_ERROR'],
      ['ResearchRunOutcomeNotSent', 2, 'CONNECTION'],
      ['ResearchRunOutcomeSent', 3, undefined],
    ])
  })

  it('of a user is signed with a secret of theirs alone, and tells of a cancelled run, too', async () => {
    const receiver = webhookReceiver()
    const never = () => {}
    await using world = await worldWith({ routes: { '/hook': receiver.route, '/one': never } })
    const job = await begin(world, hook)
    await until(() => world.site.count('/one') > 0, 'the page to be asked for')
    const { services } = world.nova
    await cancelRun(services, ada, job)
    await services.runs.goOn(job)
    await toldAs(world, job, 'user')
    const [delivery] = receiver.deliveries
    assert.ok(delivery)
    assert.equal(delivery.body.outcome, 'cancelled')
    const [adas = '', bobs = ''] = ['ada', 'bob'].map(
      (user) => userWebhookSecrets(services.links.keys, user)[0],
    )
    assertSigned(delivery, adas)
    assert.throws(() => assertSigned(delivery, bobs))
    assert.throws(() => assertSigned(delivery, secret))
  })

  it('to a private address is given up at once, on record, and the run is none the worse', async () => {
    await using world = await worldWith({
      environment: { NOVA_WEBHOOK_URL: 'http://127.0.0.1:9/hook' },
    })
    const job = await begin(world)
    await toldAs(world, job, 'operator')
    assert.equal((await runOf(world, job)).status, 'finished')
    const [only, ...more] = await eventsOf(world, job.articleId)
    assert.deepEqual([only?.type, only?.reason], ['ResearchRunOutcomeNotSent', 'BLOCKED_ADDRESS'])
    assert.deepEqual(more, [])
  })

  it('whose receiver sends elsewhere is not taken for told', async () => {
    const receiver = webhookReceiver(['redirect'])
    await using world = await worldWith({
      routes: { '/hook': receiver.route, '/elsewhere': 'a page' },
      environment: { NOVA_WEBHOOK_URL: hook },
    })
    const job = await begin(world)
    await toldAs(world, job, 'operator')
    assert.equal((await runOf(world, job)).telling.get('operator')?.state, 'given_up')
  })

  it('is sent on by another server when the one that tried first has stopped', async () => {
    const receiver = webhookReceiver([503])
    const options = {
      routes: { '/hook': receiver.route },
      environment: { NOVA_WEBHOOK_URL: hook, NOVA_WEBHOOK_RETRY_SECONDS: '5' },
    }
    const first = await worldWith(options)
    await using _ = first
    const job = await begin(first)
    const tried = async () => (await runOf(first, job)).telling.get('operator')?.attempts === 1
    await until(tried, 'the first try to be on record', 240_000)
    await first.nova.close()
    await using second = await worldWith({ ...options, databaseUrl: first.databaseUrl })
    await toldAs(second, job, 'operator')
    const { deliveries } = receiver
    assert.equal(deliveries.length, 2)
    assert.equal(deliveries[0]?.id, deliveries[1]?.id)
  })
})
