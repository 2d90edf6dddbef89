import {
  createGuardedFetch,
  type GuardedFetch,
  type GuardedFetchSettings,
} from '../../src/sources/guarded-fetch.ts'

/** A guarded fetch with short waits that closes with its test. */
export function guarded(
  settings: Partial<GuardedFetchSettings> = {},
): GuardedFetch & AsyncDisposable {
  const fetch = createGuardedFetch({
    allow: [],
    timeoutMs: 5_000,
    maxBytes: 1_000_000,
    concurrency: 8,
    perHost: 4,
    userAgent: 'NovaResearch/0.1 (+https://nova.example)',
    politePauseMs: 0,
    retryBaseMs: 1,
    ...settings,
  })
  return { ...fetch, [Symbol.asyncDispose]: () => fetch.close() }
}
