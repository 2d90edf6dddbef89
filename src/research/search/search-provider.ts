/** One way to search the web. Throws SearchFailure; an abort of `signal` is thrown as it is. */
export interface SearchProvider {
  /** As written in NOVA_SEARCH. */
  name: string
  search(query: string, options: SearchOptions): Promise<SearchAnswer>
}

export interface SearchOptions {
  /** How many sources are wanted; at most 20 come back. */
  limit: number
  signal: AbortSignal
}

export interface SearchAnswer {
  provider: string
  /** Markdown written by the provider, untrusted. `[n]` in it names `sources[n - 1]`. */
  answer: string | null
  sources: FoundSource[]
  cost?: { unit: 'usd' | 'requests'; amount: number }
}

/** One hit; title and snippet are untrusted text, clipped to one line and a bounded length. */
export interface FoundSource {
  url: string
  title: string
  snippet: string | null
  published_at: string | null
  /** Whether the provider's answer rests on it; false for a plain hit. */
  cited: boolean
}
