import type {
  ResearchInput,
  ResearchQuery,
  ResearchSource,
} from '../../src/research/research-input.ts'

/** A source that research found and nobody read, unless told otherwise. */
export const source = (number: number, more: Partial<ResearchSource> = {}): ResearchSource => ({
  number,
  kind: 'web',
  origin: 'research',
  rank: null,
  url: `https://site${number}.example/page`,
  title: `Title ${number}`,
  state: 'pending',
  failure: null,
  markdown: null,
  sha256: null,
  retrievedAt: null,
  notes: [],
  snippet: `Snippet ${number}`,
  publishedAt: null,
  cited: false,
  decision: null,
  ...more,
})

/** An answered query without an answer text. */
export const query = (number: number, more: Partial<ResearchQuery> = {}): ResearchQuery => ({
  number,
  round: 1,
  query: `Question ${number}?`,
  reason: 'A gap.',
  state: 'answered',
  failure: null,
  provider: 'searxng',
  answer: null,
  found: [],
  ...more,
})

/** An article of which nothing is known. */
export const input = (more: Partial<ResearchInput> = {}): ResearchInput => ({
  title: 'An article',
  createdAt: '2026-01-02T03:04:05.000Z',
  guideline: null,
  queries: [],
  sources: [],
  ...more,
})

export const keep = { keep: true, reason: 'Fits.' }
export const reject = { keep: false, reason: 'Advertising.' }
/** What makes a source one that was read. */
export const read = (text: string) => ({
  state: 'scraped' as const,
  markdown: text,
  sha256: 'ab'.repeat(32),
  retrievedAt: '2026-01-02T04:00:00.000Z',
})
