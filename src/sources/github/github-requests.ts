import type {
  FetchedMeta,
  FetchedResponse,
  GuardedFetch,
  OpenedResponse,
} from '../fetch/guarded-fetch.ts'
import { statusFailure } from '../fetch/status-failure.ts'
import type { ReadNotebook } from '../files/notebook.ts'
import { SourceFailure } from '../source-failure.ts'

export interface GithubHosts {
  fetch: Pick<GuardedFetch, 'fetch' | 'openStream'>
  apiUrl: string
  archiveUrl: string
  rawUrl: string
  token?: string | undefined
}

/** What reading files of GitHub takes. */
export interface GithubFiles {
  requests: GithubRequests
  readNotebook: ReadNotebook
}

/** One answer of GitHub that is a success; anything else was thrown as SourceFailure. */
export interface GithubRequests {
  api: (path: readonly string[], query: string, signal: AbortSignal) => Promise<unknown>
  /** Only with a token; FORBIDDEN without. */
  graphql: (query: string, variables: object, signal: AbortSignal) => Promise<unknown>
  raw: (path: readonly string[], signal: AbortSignal) => Promise<FetchedResponse>
  archive: (path: readonly string[], signal: AbortSignal) => Promise<OpenedResponse>
}

const archiveBytesMax = 100 * 2 ** 20
const archiveTimeoutMs = 180_000
const apiBytesMax = 10 * 2 ** 20
const rawBytesMax = 10 * 2 ** 20

/**
 * Requests to the three configured hosts and to nothing else: the address is always built from a configured
 * base and escaped segments, so a link cannot choose where the token goes, and the guarded fetch drops it
 * when a host redirects elsewhere. A token that GitHub refuses is left out and the request made again,
 * since an expired token must not hide public repositories.
 */
export function createGithubRequests(hosts: GithubHosts): GithubRequests {
  const authorized = async <Answer extends FetchedMeta>(
    send: (headers: Record<string, string>) => Promise<Answer>,
    discard: (answer: Answer) => Promise<void>,
  ): Promise<Answer> => {
    const headers = hosts.token ? { authorization: `Bearer ${hosts.token}` } : {}
    let answer = await send(headers)
    if (answer.status === 401 && hosts.token) {
      await discard(answer)
      answer = await send({})
    }
    if (answer.status < 400) return answer
    await discard(answer)
    throw githubFailure(answer)
  }
  const whole = (base: string, path: readonly string[], query: string, more: WholeOptions) =>
    authorized(
      (headers) =>
        hosts.fetch.fetch({
          url: address(base, path, query),
          headers: { ...more.headers, ...headers },
          accept: more.accept,
          maxBytes: more.maxBytes,
          signal: more.signal,
          obeyRobots: false,
        }),
      async () => undefined,
    )
  return {
    async api(path, query, signal) {
      const accept = 'application/vnd.github+json'
      const headers = { 'x-github-api-version': '2022-11-28' }
      const answer = await whole(hosts.apiUrl, path, query, {
        accept,
        headers,
        signal,
        maxBytes: apiBytesMax,
      })
      return parsedJson(answer.bytes)
    },
    async graphql(query, variables, signal) {
      if (!hosts.token) throw new SourceFailure('FORBIDDEN', 'GitHub tells this only with a token')
      const answer = await hosts.fetch.fetch({
        url: address(hosts.apiUrl, ['graphql'], ''),
        method: 'POST',
        headers: { authorization: `Bearer ${hosts.token}`, 'content-type': 'application/json' },
        accept: 'application/json',
        body: JSON.stringify({ query, variables }),
        maxBytes: apiBytesMax,
        signal,
        obeyRobots: false,
      })
      if (answer.status >= 400) throw githubFailure(answer)
      return parsedJson(answer.bytes)
    },
    raw: (path, signal) =>
      whole(hosts.rawUrl, path, '', { accept: '*/*', headers: {}, signal, maxBytes: rawBytesMax }),
    archive: (path, signal) =>
      authorized(
        (headers) =>
          hosts.fetch.openStream({
            url: address(hosts.archiveUrl, path, ''),
            headers,
            accept: 'application/gzip, */*;q=0.5',
            maxBytes: archiveBytesMax,
            timeoutMs: archiveTimeoutMs,
            signal,
            obeyRobots: false,
          }),
        (answer) => answer.stream.cancel(),
      ),
  }
}

interface WholeOptions {
  accept: string
  headers: Record<string, string>
  signal: AbortSignal
  maxBytes: number
}

const address = (base: string, path: readonly string[], query: string): string =>
  `${base.replace(/\/+$/, '')}/${path.map(encodeURIComponent).join('/')}${query}`

function githubFailure(answer: FetchedMeta): SourceFailure {
  const isRefused = answer.status === 403 || answer.status === 429
  if (isRefused && answer.headers.get('x-ratelimit-remaining') === '0') {
    return new SourceFailure('RATE_LIMITED', 'the hourly limit of GitHub; GITHUB_TOKEN raises it')
  }
  // The limit on requests at once leaves requests of the hour, and is told by when to come back.
  const isSecondary = isRefused && answer.headers.has('retry-after')
  return isSecondary
    ? new SourceFailure('RATE_LIMITED', 'the secondary limit of GitHub')
    : statusFailure(answer.status)
}

function parsedJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new SourceFailure('EXTRACTION_FAILED', 'GitHub did not answer with JSON', { cause })
  }
}
