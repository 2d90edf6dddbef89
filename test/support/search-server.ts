import { type ApiCall, type ApiReply, type ApiServer, startApiServer } from './api-server.ts'

/** What the fake engines find; each provider's server says it in its own shape. */
export interface Hit {
  url: string
  title: string
  snippet: string
  published_at?: string
}

export interface SearchServer extends ApiServer {
  /** Replaces the answers of all providers, until null. */
  override: ApiReply | null
}

/**
 * One server that speaks every search API that Nova knows, each below a path of its own:
 * `${origin}/searxng`, `/perplexity`, `/tavily`, `/brave`, `/exa`, `/wikipedia`, `/arxiv`, `/crossref`.
 */
export async function startSearchServer(
  find: Hit[] | ((query: string) => Hit[]),
): Promise<SearchServer> {
  const hitsFor = (query: string) => (typeof find === 'function' ? find(query) : find)
  const api = await startApiServer((call) => server.override ?? speak(call, hitsFor))
  const server: SearchServer = { ...api, override: null }
  return server
}

function speak(call: ApiCall, hitsFor: (query: string) => Hit[]): ApiReply {
  const body = (call.body ?? {}) as {
    query?: string
    messages?: { role: string; content: string }[]
  }
  const parameters = call.parameters
  switch (`${call.method} ${call.path}`) {
    case 'GET /searxng/search':
      return { body: searxngAnswer(hitsFor(parameters.get('q') ?? '')) }
    case 'POST /perplexity/chat/completions':
      return { body: perplexityAnswer(hitsFor(body.messages?.at(-1)?.content ?? '')) }
    case 'POST /tavily/search':
      return { body: tavilyAnswer(hitsFor(body.query ?? '')) }
    case 'GET /brave/res/v1/web/search':
      return { body: braveAnswer(hitsFor(parameters.get('q') ?? '')) }
    case 'POST /exa/search':
      return { body: exaAnswer(hitsFor(body.query ?? '')) }
    case 'GET /wikipedia/w/api.php':
      return { body: wikipediaAnswer(hitsFor(parameters.get('srsearch') ?? '')) }
    case 'GET /crossref/works':
      return { body: crossrefAnswer(hitsFor(parameters.get('query') ?? '')) }
    case 'GET /arxiv/api/query':
      return {
        headers: { 'content-type': 'application/atom+xml' },
        body: arxivAnswer(hitsFor(parameters.get('search_query') ?? '')),
      }
    default:
      return { status: 404, body: { error: 'no such path' } }
  }
}

const searxngAnswer = (hits: Hit[]) => ({
  query: 'as asked',
  number_of_results: hits.length,
  results: hits.map((hit) => ({
    url: hit.url,
    title: hit.title,
    content: hit.snippet,
    engine: 'fake',
    engines: ['fake'],
    score: 1,
    category: 'general',
    publishedDate: hit.published_at ?? null,
  })),
  answers: [],
  suggestions: [],
  unresponsive_engines: [],
})

const perplexityAnswer = (hits: Hit[]) => ({
  id: 'fake',
  model: 'sonar-pro',
  object: 'chat.completion',
  citations: hits.map((hit) => hit.url),
  search_results: hits.map((hit) => ({
    url: hit.url,
    title: hit.title,
    date: hit.published_at ?? null,
    snippet: hit.snippet,
  })),
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      message: {
        role: 'assistant',
        content: hits.map((hit, index) => `${hit.snippet} [${index + 1}]`).join('\n\n'),
      },
    },
  ],
  usage: { prompt_tokens: 10, completion_tokens: 20, cost: { total_cost: 0.012 } },
})

const tavilyAnswer = (hits: Hit[]) => ({
  answer: 'A short answer.',
  results: hits.map((hit) => ({
    url: hit.url,
    title: hit.title,
    content: hit.snippet,
    score: 0.9,
    published_date: hit.published_at ?? null,
  })),
})

const braveAnswer = (hits: Hit[]) => ({
  type: 'search',
  web: {
    type: 'search',
    results: hits.map((hit) => ({
      url: hit.url,
      title: `<strong>${hit.title}</strong>`,
      description: `${hit.snippet} &amp; more`,
      page_age: hit.published_at ? `${hit.published_at}T00:00:00` : undefined,
      age: '2 days ago',
    })),
  },
})

const exaAnswer = (hits: Hit[]) => ({
  requestId: 'fake',
  results: hits.map((hit) => ({
    id: hit.url,
    url: hit.url,
    title: hit.title,
    publishedDate: hit.published_at,
    text: hit.snippet,
  })),
  costDollars: { total: 0.005 },
})

const wikipediaAnswer = (hits: Hit[]) => ({
  query: {
    search: hits.map((hit) => ({
      title: hit.title,
      snippet: `<span class="searchmatch">${hit.snippet}</span>`,
      timestamp: `${hit.published_at ?? '2025-01-01'}T00:00:00Z`,
    })),
  },
})

const crossrefAnswer = (hits: Hit[]) => ({
  message: {
    items: hits.map((hit, index) => ({
      DOI: `10.1234/fake.${index}`,
      title: [hit.title],
      abstract: `<jats:p>${hit.snippet}</jats:p>`,
      issued: { 'date-parts': [[2025, 3]] },
    })),
  },
})

export const arxivAnswer = (hits: Hit[]) => `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">${hits
  .map(
    (hit, index) => `<entry><id>http://arxiv.org/abs/2501.0000${index}v1</id>
<title>${hit.title}</title><summary>${hit.snippet}</summary>
<published>${hit.published_at ?? '2025-01-01'}T00:00:00Z</published></entry>`,
  )
  .join('')}</feed>`

/** What each service of JSON sends for these hits. */
export const searchAnswers = {
  searxng: searxngAnswer,
  perplexity: perplexityAnswer,
  tavily: tavilyAnswer,
  brave: braveAnswer,
  exa: exaAnswer,
  wikipedia: wikipediaAnswer,
  crossref: crossrefAnswer,
}
