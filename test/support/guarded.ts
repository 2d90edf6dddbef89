import {
  createGuardedFetch,
  type FetchRequest,
  type GuardedFetch,
  type GuardedFetchSettings,
} from '../../src/sources/fetch/guarded-fetch.ts'
import { type Route, startSite } from './site.ts'

/** A guarded fetch with short waits that closes with its test. */
export function guarded(
  settings: Partial<GuardedFetchSettings> = {},
): GuardedFetch & AsyncDisposable {
  const fetch = createGuardedFetch({
    allow: [],
    timeoutMs: 60_000,
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

/** One site under `site.example`, a fetch that reaches it, and a short way to get a path of it. */
export async function guardedSite(
  routes: Record<string, Route>,
  settings: Partial<GuardedFetchSettings> = {},
) {
  const site = await startSite(routes)
  const fetch = guarded({ allow: [site.allow('site.example')], ...settings })
  return {
    site,
    fetch,
    get: (path: string, more: Partial<FetchRequest> = {}) =>
      fetch.fetch({ url: `http://site.example${path}`, ...more }),
    async [Symbol.asyncDispose]() {
      await fetch.close()
      await site[Symbol.asyncDispose]()
    },
  }
}
