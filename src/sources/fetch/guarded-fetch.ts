import { observe } from '../../observed.ts'
import { SourceFailure } from '../source-failure.ts'
import { networkFailure } from './network-failure.ts'
import {
  createOutbound,
  type Landing,
  type OutboundRequest,
  type OutboundSettings,
} from './outbound.ts'
import { boundedStream, readBounded, tooLarge } from './read-bounded.ts'
import { createTimeLimit, type TimeLimit } from './time-limit.ts'
import { withRetries } from './with-retries.ts'

export interface GuardedFetchSettings extends OutboundSettings {
  /** Largest answer, counted after decompression. */
  maxBytes: number
  /** First wait before a retry; it doubles, with jitter. Default 500. */
  retryBaseMs?: number
}

export interface FetchRequest extends OutboundRequest {
  signal?: AbortSignal
  maxBytes?: number
  timeoutMs?: number
  /** Tries after the first one; default 2, for POST 0. */
  retries?: number
}

export interface FetchedMeta {
  /** Where the answer came from, after redirects. */
  url: string
  status: number
  headers: Headers
  /** Lower case without parameters; empty when the server named none. */
  mediaType: string
  /** The charset parameter of the content type, as sent. */
  charset: string | null
  retrievedAt: Date
  /** Every address that redirected, first to last. */
  redirects: string[]
  robots: 'allowed' | 'no-rules' | 'not-asked'
  /** The page has not changed since the conditional request's validators. */
  notModified: boolean
}

export interface FetchedResponse extends FetchedMeta {
  bytes: Uint8Array<ArrayBuffer>
}

export interface OpenedResponse extends FetchedMeta {
  /** Errors with SourceFailure; cancel it when you stop early, or its turn stays taken until the limit. */
  stream: ReadableStream<Uint8Array>
}

/** The one way out. Any status is an answer; SourceFailure means there is none that may be used. */
export interface GuardedFetch {
  fetch: (request: FetchRequest) => Promise<FetchedResponse>
  /** The same for large bodies that are consumed while they arrive. */
  openStream: (request: FetchRequest) => Promise<OpenedResponse>
  close: () => Promise<void>
}

export function createGuardedFetch(settings: GuardedFetchSettings): GuardedFetch {
  const outbound = createOutbound(settings)

  const land = (request: FetchRequest, limit: TimeLimit) => {
    const retries = request.retries ?? (request.method === 'POST' ? 0 : 2)
    return withRetries(retries, settings.retryBaseMs ?? 500, limit, {
      attempt: () => outbound.send(request, limit),
      holdOff: outbound.holdOff,
    })
  }

  const observed = async <Response extends FetchedMeta>(work: () => Promise<Response>) => {
    const began = performance.now()
    const say = (outcome: string) => observe('fetch', { outcome, ms: performance.now() - began })
    try {
      const response = await work()
      say(`${Math.floor(response.status / 100)}xx`)
      return response
    } catch (error) {
      say(error instanceof SourceFailure ? error.reason : 'broken')
      throw error
    }
  }

  return {
    fetch: (request) =>
      observed(async () => {
        const limit = createTimeLimit(request.timeoutMs ?? settings.timeoutMs, request.signal)
        try {
          return await readWhole(await land(request, limit), request.maxBytes ?? settings.maxBytes)
        } catch (error) {
          throw networkFailure(error, limit)
        } finally {
          limit.pause()
        }
      }),
    openStream: (request) =>
      observed(async () => {
        const limit = createTimeLimit(request.timeoutMs ?? settings.timeoutMs, request.signal)
        try {
          return openBody(await land(request, limit), limit, request.maxBytes ?? settings.maxBytes)
        } catch (error) {
          limit.pause()
          throw networkFailure(error, limit)
        }
      }),
    close: () => outbound.close(),
  }
}

async function readWhole(landing: Landing, maxBytes: number): Promise<FetchedResponse> {
  const { response } = landing
  try {
    // Saves the download of an answer that says itself that it is too large.
    if (Number(response.headers.get('content-length')) > maxBytes) {
      await response.body?.cancel()
      throw tooLarge(maxBytes)
    }
    return { ...fetchedMeta(landing), bytes: await readBounded(response.body, maxBytes) }
  } finally {
    landing.endTurn()
  }
}

function openBody(landing: Landing, limit: TimeLimit, maxBytes: number): OpenedResponse {
  const end = () => {
    limit.pause()
    landing.endTurn()
  }
  const stream = boundedStream(landing.response.body, maxBytes, end, (error) =>
    networkFailure(error, limit),
  )
  return { ...fetchedMeta(landing), stream }
}

function fetchedMeta({ response, url, redirects, robots }: Landing): FetchedMeta {
  const contentType = response.headers.get('content-type') ?? ''
  return {
    url: url.href,
    status: response.status,
    headers: new Headers([...response.headers]),
    mediaType: (contentType.split(';')[0] ?? '').trim().toLowerCase(),
    charset: /;\s*charset\s*=\s*["']?([^\s;"']+)/i.exec(contentType)?.[1] ?? null,
    retrievedAt: new Date(),
    redirects,
    robots,
    notModified: response.status === 304,
  }
}
