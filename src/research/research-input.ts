/** Everything that research.md is made of; the compiler reads nothing else, so equal input gives equal bytes. */
export interface ResearchInput {
  title: string
  createdAt: string
  /** Its text, for what the outline wants; null when it is not known. */
  guideline: string | null
  queries: readonly ResearchQuery[]
  sources: readonly ResearchSource[]
}

export interface ResearchQuery {
  number: number
  round: number
  query: string
  reason: string | null
  state: 'waiting' | 'answered' | 'failed'
  failure: { reason: string; detail: string | null } | null
  provider: string | null
  /** Markdown of the provider, untrusted. `[n]` in it names `found[n - 1]`. */
  answer: string | null
  /** Numbers of the sources it found, in the provider's order. */
  found: readonly number[]
}

export interface ResearchSource {
  number: number
  kind: 'web' | 'github' | 'youtube' | 'file'
  /** Who named it. */
  origin: 'guideline' | 'research' | 'file'
  /** What the guideline says of its own link. */
  rank: 'golden' | 'other' | null
  /** Address, or file name for a file. */
  url: string
  title: string
  state: 'pending' | 'scraped' | 'failed'
  failure: { reason: string; detail: string | null } | null
  /** Its whole text, untrusted; null as long as it was not read. */
  markdown: string | null
  /** The hash of the snapshot, or of the Markdown where no snapshot is kept. */
  sha256: string | null
  retrievedAt: string | null
  notes: readonly string[]
  snippet: string | null
  publishedAt: string | null
  cited: boolean
  decision: { keep: boolean; reason: string } | null
}

/** A rejected source appears in the table of sources and nowhere else, whatever else is known of it. */
export const isRejected = (source: ResearchSource): boolean => source.decision?.keep === false
