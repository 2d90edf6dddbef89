import { createGuardedFetch, type GuardedFetch } from '../../src/sources/fetch/guarded-fetch.ts'

/** The real guarded fetch, with these loopback servers on its list of exceptions. */
export function loopbackFetch(...origins: string[]): GuardedFetch & AsyncDisposable {
  const guarded = createGuardedFetch({
    allow: origins.map((origin) => {
      const { hostname, port } = new URL(origin)
      return { host: hostname, port: Number(port), connect: undefined }
    }),
    timeoutMs: 60_000,
    concurrency: 8,
    perHost: 8,
    politePauseMs: 0,
    userAgent: 'NovaTest/1',
    maxBytes: 5_000_000,
  })
  return { ...guarded, [Symbol.asyncDispose]: () => guarded.close() }
}
