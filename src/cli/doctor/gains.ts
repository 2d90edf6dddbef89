import type { Config } from '../../config.ts'

export interface Finding {
  /** `missing` is a choice; `broken` is not. */
  state: 'ok' | 'missing' | 'note' | 'broken'
  name: string
  detail: string
}

interface Gain {
  settings: readonly (keyof Config)[]
  /** What is there with it, and what is missing without. */
  on: string
  off: string
}

const listed: readonly Gain[] = [
  {
    settings: ['GOOGLE_API_KEY', 'OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'NOVA_MODEL_URL'],
    on: 'a model plans queries and judges sources',
    off: 'documented heuristics plan and judge; any one of these adds a model',
  },
  {
    settings: [
      'NOVA_SEARXNG_URL',
      'PPLX_API_KEY',
      'TAVILY_API_KEY',
      'BRAVE_API_KEY',
      'EXA_API_KEY',
      'GOOGLE_API_KEY',
      'OPENAI_API_KEY',
      'ANTHROPIC_API_KEY',
    ],
    on: 'web research',
    off: 'no web search, so no research rounds; any one of these adds it (NOVA_SEARCH=tavily needs no key)',
  },
  {
    settings: ['PPLX_API_KEY'],
    on: 'Perplexity: cited answers',
    off: 'would add cited answers beside the list of pages',
  },
  {
    settings: ['GITHUB_TOKEN'],
    on: 'private repositories and a higher rate',
    off: 'public repositories only; would add private ones and a higher rate',
  },
  {
    settings: ['NOVA_RENDER_URL', 'FIRECRAWL_API_KEY'],
    on: 'pages that need JavaScript',
    off: 'pages that show their text only with JavaScript fail; it or FIRECRAWL_API_KEY would read them',
  },
  {
    settings: ['GOOGLE_API_KEY'],
    on: 'videos without captions are transcribed',
    off: 'videos without captions fail; would transcribe them',
  },
]

/** What the optional settings add, whether they are set or not. */
export const gains = (config: Config): Finding[] =>
  listed.map(({ settings, on, off }) => {
    const set = settings.filter((name) => config[name] !== undefined)
    const named = settings.includes('NOVA_SEARXNG_URL') && config.NOVA_SEARCH ? ['NOVA_SEARCH'] : []
    const present = [...set, ...named]
    return present.length > 0
      ? { state: 'ok', name: present[0] ?? '', detail: on }
      : { state: 'missing', name: shortened(settings), detail: off }
  })

const shortened = (names: readonly string[]): string =>
  names.length > 1 ? `${names[0]} …` : (names[0] ?? '')
