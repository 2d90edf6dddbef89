const reasons = {
  UNAVAILABLE: { retryable: true, say: 'The search provider could not be reached.' },
  RATE_LIMITED: { retryable: true, say: 'The search provider asks to come back later.' },
  TIMEOUT: { retryable: true, say: 'The search provider did not answer in time.' },
  BAD_ANSWER: { retryable: true, say: 'The search provider sent an answer that cannot be read.' },
  UNAUTHORIZED: { retryable: false, say: 'The search provider refused the key or the request.' },
  NOT_CONFIGURED: { retryable: false, say: 'No web search provider is configured.' },
} as const

export type SearchFailureReason = keyof typeof reasons

/** Why a query has no answer; `provider` and `detail` are our own words, never text of the answer. */
export class SearchFailure extends Error {
  readonly reason: SearchFailureReason
  readonly retryable: boolean
  readonly provider: string
  readonly detail: string | undefined

  constructor(
    reason: SearchFailureReason,
    provider: string,
    detail?: string,
    options: { cause?: unknown } = {},
  ) {
    super(
      `${provider}: ${reasons[reason].say}${detail ? ` (${detail})` : ''}`,
      options.cause === undefined ? {} : options,
    )
    this.name = 'SearchFailure'
    this.reason = reason
    this.retryable = reasons[reason].retryable
    this.provider = provider
    this.detail = detail
  }
}

/** An answer in which neither a text nor a list of hits is where the provider documents it. */
export const noHits = (provider: string): SearchFailure =>
  new SearchFailure('BAD_ANSWER', provider, 'neither text nor hits')
