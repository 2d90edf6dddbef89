import { SearchFailure, type SearchFailureReason } from './search-failure.ts'
import type { SearchAnswer, SearchOptions, SearchProvider } from './search-provider.ts'

interface Guarded {
  provider: SearchProvider
  breaker: CircuitBreaker
}

/**
 * Several providers as one: asked in order until one has something. An answer without any source is no
 * failure, but the next provider may know more; it is given only when none of them does.
 *
 * Without providers every search fails with NOT_CONFIGURED, so that the rest of the workflow still runs.
 */
export function createSearch(
  providers: readonly SearchProvider[],
  breakerOptions: BreakerOptions,
): SearchProvider {
  const guarded = providers.map((provider) => ({
    provider,
    breaker: circuitBreaker(breakerOptions),
  }))
  return {
    name: providers.map((provider) => provider.name).join(',') || 'none',
    search: (query, options) => searchInOrder(guarded, query, options),
  }
}

async function searchInOrder(
  guarded: readonly Guarded[],
  query: string,
  options: SearchOptions,
): Promise<SearchAnswer> {
  let empty: SearchAnswer | null = null
  let failure: SearchFailure | null = null
  let paused: string | null = null
  for (const { provider, breaker } of guarded) {
    options.signal.throwIfAborted()
    if (!breaker.admits()) {
      paused ??= provider.name
      continue
    }
    const outcome = await attempt(provider, breaker, query, options)
    if (outcome instanceof SearchFailure) failure ??= outcome
    else if (outcome.sources.length > 0 || outcome.answer !== null) return outcome
    else empty ??= outcome
  }
  if (empty) return empty
  // The providers are best first, so the first failure is the one worth mending.
  throw failure ?? noProvider(paused)
}

const noProvider = (paused: string | null) =>
  paused === null
    ? new SearchFailure('NOT_CONFIGURED', 'search')
    : new SearchFailure('UNAVAILABLE', paused, 'paused after repeated failures')

async function attempt(
  provider: SearchProvider,
  breaker: CircuitBreaker,
  query: string,
  options: SearchOptions,
): Promise<SearchAnswer | SearchFailure> {
  try {
    const answer = await provider.search(query, options)
    breaker.succeeded()
    return answer
  } catch (error) {
    if (error instanceof SearchFailure && !options.signal.aborted) {
      breaker.failed(error.reason)
      return error
    }
    breaker.undecided()
    throw error
  }
}

interface BreakerOptions {
  /** Milliseconds since any fixed point; never going back. */
  now: () => number
  /** Failures in a row that open the circuit. */
  failures?: number
  /** How long an open circuit keeps callers away. */
  pauseMs?: number
}

/** Keeps callers away from a provider that fails, and lets one of them try again after a while. */
interface CircuitBreaker {
  /** Whether to call now. After the pause exactly one caller gets yes until it reports. */
  admits(): boolean
  succeeded(): void
  failed(reason: SearchFailureReason): void
  /** The call ended without a verdict on the provider, as when its caller went away. */
  undecided(): void
}

/** A limit or a refused key opens the circuit at once: repeating such a call only makes it worse. */
const opensAtOnce: ReadonlySet<SearchFailureReason> = new Set(['RATE_LIMITED', 'UNAUTHORIZED'])

function circuitBreaker(options: BreakerOptions): CircuitBreaker {
  const { now, failures: failuresMax = 3, pauseMs = 60_000 } = options
  let failures = 0
  let openUntil: number | null = null
  let trying = false
  return {
    admits() {
      if (openUntil === null) return true
      if (trying || now() < openUntil) return false
      trying = true
      return true
    },
    succeeded() {
      failures = 0
      openUntil = null
      trying = false
    },
    failed(reason) {
      failures += 1
      if (trying || failures >= failuresMax || opensAtOnce.has(reason)) openUntil = now() + pauseMs
      trying = false
    },
    undecided() {
      trying = false
    },
  }
}
