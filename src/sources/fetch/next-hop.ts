import { SourceFailure } from '../source-failure.ts'

/** One request of a chain of redirects. */
export interface Hop {
  url: string
  method: 'GET' | 'HEAD' | 'POST'
  headers: Readonly<Record<string, string>>
  body: string | Uint8Array<ArrayBuffer> | undefined
}

const redirectStatuses = new Set([301, 302, 303, 307, 308])

/**
 * Where an answer sends us, or undefined when it is the last one. Headers of the caller (a token) stay with
 * the origin they were meant for, and a body is never handed to another origin.
 */
export function nextHop(hop: Hop, status: number, location: string | null): Hop | undefined {
  if (!redirectStatuses.has(status) || location === null) return undefined
  if (!URL.canParse(location, hop.url))
    throw new SourceFailure('BAD_URL', 'a redirect to no address')
  const url = new URL(location, hop.url)
  const sameOrigin = url.origin === new URL(hop.url).origin
  const becomesGet = status === 303 || (hop.method === 'POST' && status !== 307 && status !== 308)
  if (hop.method === 'POST' && !becomesGet && !sameOrigin) {
    throw new SourceFailure('HTTP_ERROR', 'a redirect of the request body to another host')
  }
  return {
    url: url.href,
    method: becomesGet && hop.method !== 'HEAD' ? 'GET' : hop.method,
    headers: sameOrigin ? hop.headers : {},
    body: becomesGet ? undefined : hop.body,
  }
}
