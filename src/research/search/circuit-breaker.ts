import type { SearchFailureReason } from './search-failure.ts'

export interface BreakerOptions {
  /** Milliseconds since any fixed point; never going back. */
  now: () => number
  /** Failures in a row that open the circuit. */
  failures?: number
  /** How long an open circuit keeps callers away. */
  pauseMs?: number
}

/** Keeps callers away from a provider that fails, and lets one of them try again after a while. */
export interface CircuitBreaker {
  /** Whether to call now. After the pause exactly one caller gets yes until it reports. */
  admits(): boolean
  succeeded(): void
  failed(reason: SearchFailureReason): void
  /** The call ended without a verdict on the provider, as when its caller went away. */
  undecided(): void
}

/** A limit or a refused key opens the circuit at once: repeating such a call only makes it worse. */
const opensAtOnce: ReadonlySet<SearchFailureReason> = new Set(['RATE_LIMITED', 'UNAUTHORIZED'])

export function circuitBreaker(options: BreakerOptions): CircuitBreaker {
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
