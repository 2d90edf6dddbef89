import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { articleStream } from '../src/events/articles/article-events.ts'
import { usageMonth, usageStream } from '../src/events/usage/usage-events.ts'
import { projections } from '../src/projections/registry.ts'
import { drainProjection } from '../src/store/projections/projection-step.ts'
import { mcpWorld } from './support/mcp-world.ts'
import { type ModelAsk, type ModelSays, startModelServer } from './support/model-server.ts'

const sentence = 'An append-only log keeps what happened, in order and for ever, says the page. '
const advertisement = 'Our mug shop has new mugs in nine colours this spring.'
const page = (title: string) =>
  `<!doctype html><html><head><title>${title}</title></head><body><article><h1>${title}</h1>
  <p>${sentence.repeat(6)}</p><p>${advertisement}</p><p>${title} ends here. ${sentence.repeat(4)}</p>
  </article></body></html>`

const guideline = `# Append-only logs

Read http://pages.example/one and http://pages.example/vanish.

## Order
How events keep their order.

## Erasure
What survives a request to forget.
`

const hits = [
  {
    url: 'http://pages.example/good',
    title: 'Order in append-only logs',
    snippet: 'How order is kept.',
  },
  {
    url: 'http://pages.example/poor',
    title: 'Append-only logs, cheap',
    snippet: 'Buy append-only logs.',
  },
]
const routes = {
  '/one': page('Page one'),
  '/vanish': page('Vanish'),
  '/good': page('Order in append-only logs'),
  '/poor': page('Append-only logs, cheap'),
}

type Task = 'plan' | 'judge' | 'choose' | 'clean'
const taskOf = ({ text }: ModelAsk): Task =>
  text.includes('You plan web research')
    ? 'plan'
    : text.includes('You judge sources')
      ? 'judge'
      : text.includes('You choose at most')
        ? 'choose'
        : 'clean'

/** The number of a source in a prompt, by a word of its title. */
function numberOf({ text }: ModelAsk, title: string): number {
  const before = text.slice(0, text.indexOf(`Title: ${title}`))
  return Number([...before.matchAll(/Source (\d+):/g)].at(-1)?.[1])
}

/** A model that does its work, and tries in each answer what no model may do. */
function overreaching(ask: ModelAsk): ModelSays {
  switch (taskOf(ask)) {
    case 'plan':
      return {
        object: {
          queries: [
            { query: 'How do append-only logs keep their order?', reason: 'Order has no source.' },
            { query: 'What survives erasure in a log?', reason: 'Erasure has no source.' },
            { query: 'A third one that nobody asked for?', reason: 'More is better.' },
          ],
        },
      }
    case 'judge':
      return {
        object: {
          decisions: [
            { source: numberOf(ask, 'Order in'), keep: true, reason: 'It explains the order.' },
            { source: numberOf(ask, 'Append-only logs, cheap'), keep: false, reason: 'It sells.' },
            { source: 1, keep: false, reason: 'Not asked about: the guideline names it.' },
          ],
        },
      }
    case 'choose':
      return {
        object: {
          chosen: [
            { source: 1, reason: 'Not among the kept ones.' },
            { source: numberOf(ask, 'Order in'), reason: 'The best of them.' },
          ],
        },
      }
    case 'clean':
      return { object: { drop: linesToDrop(ask), text: 'Rewritten by the model.' } }
  }
}

function linesToDrop({ text }: ModelAsk): object[] {
  if (text.includes('Vanish ends here')) return [{ from: 1, to: 10_000 }]
  const line = Number(new RegExp(`(\\d+): ${advertisement}`).exec(text)?.[1])
  return [{ from: line, to: line }]
}

/** A whole Nova whose model is this one. */
async function worldWith(say: (ask: ModelAsk) => ModelSays, prices = '') {
  const closing = new AsyncDisposableStack()
  const model = closing.use(await startModelServer(say))
  const environment = {
    NOVA_MODEL: 'compatible:fake',
    NOVA_MODEL_URL: `${model.origin}/compatible`,
    NOVA_MODEL_KEY: 'sk-only-for-the-model',
    NOVA_MODEL_CLEANING: 'true',
    NOVA_PRICES: prices,
  }
  const world = closing.use(await mcpWorld({ routes, hits, environment }))
  const { ok } = await world.connect('auto')
  const { article_id } = (await ok('create_article', { guideline })) as { article_id: string }
  await ok('extract_guidelines_urls', { article_id })
  return {
    model,
    article_id,
    nova: world.nova,
    call: (tool: string, args: object = {}) => ok(tool, { article_id, ...args }),
    events: async (type: string) => {
      const stream = { userId: 'ada', streamId: articleStream(article_id) }
      const stored = await world.nova.services.store.read(stream)
      return stored.filter((event) => event.type === type).map(({ data }) => data as Fields)
    },
    text: (sha256: string) => world.nova.services.contents.text('ada', sha256),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

interface Fields extends Record<string, unknown> {
  note?: string | null
  markdown?: { sha256: string }
  research?: { sha256: string }
}

describe('the workflow with a model', { concurrency: true }, () => {
  it('plans, judges and chooses by the model, within what was asked of it', async () => {
    await using world = await worldWith(overreaching)
    const planned = await world.call('generate_next_queries', { count: 2 })
    assert.equal(planned.by, 'model')
    assert.deepEqual(
      (planned.queries as { query: string }[]).map(({ query }) => query),
      ['How do append-only logs keep their order?', 'What survives erasure in a log?'],
    )
    await world.call('run_perplexity_research', { wait_seconds: 50 })
    const selected = await world.call('select_research_sources_to_keep')
    assert.deepEqual([selected.by, selected.kept, selected.rejected], ['model', 1, 1])
    const [{ decisions } = { decisions: [] }] = await world.events('SourcesSelected')
    assert.deepEqual(
      (decisions as { reason: string }[]).map(({ reason }) => reason),
      ['It explains the order.', 'It sells.'],
    )
    const chosen = await world.call('select_research_sources_to_scrape', { max: 5 })
    assert.equal(chosen.by, 'model')
    assert.equal((chosen.chosen as object[]).length, 1, 'only kept sources can be chosen')
    await world.call('scrape_research_urls', { wait_seconds: 50 })
    await world.call('create_research_file')
    const [research] = await world.events('ResearchCompiled')
    const text = await world.text(research?.research?.sha256 ?? '')
    assert.match(text, /rejected \(It sells\.\)/)
    for (const { headers } of world.model.calls) {
      assert.equal(headers.authorization, 'Bearer sk-only-for-the-model')
    }
  })

  it('lets the model clean pages by removing lines only', async () => {
    await using world = await worldWith(overreaching)
    await world.call('scrape_and_clean_other_urls', { wait_seconds: 50 })
    const [one, vanish] = (await world.events('SourceScraped')).toSorted((a, b) =>
      String(a.url).localeCompare(String(b.url)),
    )
    const cleaned = await world.text(one?.markdown?.sha256 ?? '')
    assert.equal(one?.cleaned_by, 'compatible:fake')
    assert.match(cleaned, /Page one ends here\./)
    assert.doesNotMatch(cleaned, /mug shop|Rewritten/)
    const kept = await world.text(vanish?.markdown?.sha256 ?? '')
    assert.equal(vanish?.cleaned_by, null)
    assert.match(kept, /mug shop[\s\S]*Vanish ends here\./)
    assert.match(String(vanish?.notes), /the model wanted to remove nearly everything/)
  })

  it('has its tokens on record by call and article, and its cost where a price is known', async () => {
    await using world = await worldWith(overreaching, 'compatible:fake=1000/2000, searxng=0.25')
    await world.call('generate_next_queries', { count: 2 })
    await world.call('scrape_and_clean_other_urls', { wait_seconds: 50 })
    await world.call('run_perplexity_research', { wait_seconds: 50 })
    const month = usageMonth(new Date())
    const stream = { userId: 'ada', streamId: usageStream('ada', month) }
    const stored = await world.nova.services.store.read(stream)
    const used = stored.filter(({ type }) => type === 'ServicesUsed').map(({ data }) => data)
    assert.equal(used.length, 3, 'one for the plan and one for each page')
    for (const data of used as { article_id: string; services: object[] }[]) {
      assert.equal(data.article_id, world.article_id)
      assert.deepEqual(data.services, [
        {
          service: 'compatible:fake',
          requests: 1,
          input_tokens: 11,
          output_tokens: 7,
          cost_usd: 0.025,
        },
      ])
    }
    const { database } = world.nova
    for (const projection of projections) await drainProjection(database.projector, projection)
    const { rows } = await database.projector.query(
      `select provider, answers::int, round(cost_usd::numeric, 3)::float8 as cost_usd,
         input_tokens::int, output_tokens::int from nova.provider_costs order by provider`,
    )
    assert.deepEqual(rows, [
      {
        provider: 'compatible:fake',
        answers: 3,
        cost_usd: 0.075,
        input_tokens: 33,
        output_tokens: 21,
      },
      { provider: 'searxng', answers: 2, cost_usd: 0.5, input_tokens: 0, output_tokens: 0 },
    ])
  })

  it('goes on by the heuristics when the model fails on the way, and records why', async () => {
    let works = true
    await using world = await worldWith((ask) =>
      works ? overreaching(ask) : { reply: { status: 401, body: { error: { message: 'no' } } } },
    )
    assert.equal((await world.call('generate_next_queries', { count: 2 })).by, 'model')
    works = false
    const second = await world.call('generate_next_queries', { count: 2 })
    assert.equal(second.by, 'heuristic')
    await world.call('run_perplexity_research', { wait_seconds: 50 })
    const selected = await world.call('select_research_sources_to_keep')
    assert.equal(selected.by, 'heuristic')
    assert.equal(
      (await world.call('select_research_sources_to_scrape', { max: 1 })).by,
      'heuristic',
    )
    await world.call('scrape_research_urls', { wait_seconds: 50 })
    const noteOf = async (type: string) => (await world.events(type)).at(-1)?.note
    assert.equal(
      await noteOf('QueriesGenerated'),
      'The heuristic planned because the language model refused the key.',
    )
    assert.equal(
      await noteOf('SourcesSelected'),
      'The scorer decided on 2 of 2 sources because the language model refused the key.',
    )
    assert.equal(
      await noteOf('SourcesChosenForScraping'),
      'The scorer chose because the language model refused the key.',
    )
    const [scraped] = await world.events('SourceScraped')
    assert.equal(scraped?.cleaned_by, null)
    assert.match(String(scraped?.notes), /were kept because the language model refused the key/)
    assert.doesNotMatch(JSON.stringify(await world.events('QueriesGenerated')), /sk-only/)
  })
})
