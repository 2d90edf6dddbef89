import { SourceFailure } from '../../sources/source-failure.ts'
import type { HttpPort } from '../http-port.ts'

const answerBytesMax = 20_000_000

/**
 * The guarded fetch in the shape that the AI SDK takes, so that a model's endpoint is reached through the
 * same guard as everything else. Streams are not passed on: we never ask for one.
 */
export function aiFetch(http: HttpPort, timeoutMs: number): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    try {
      const answer = await http.fetch({
        url: request.url,
        method: request.method === 'GET' ? 'GET' : 'POST',
        headers: Object.fromEntries(request.headers),
        ...(request.method !== 'GET' && { body: await request.text() }),
        signal: request.signal,
        accept: 'application/json',
        maxBytes: answerBytesMax,
        timeoutMs,
        obeyRobots: false,
        retries: 0,
      })
      return new Response(Uint8Array.from(answer.bytes), {
        status: answer.status,
        headers: readableHeaders(answer.headers),
      })
    } catch (error) {
      if (error instanceof SourceFailure && lost.has(error.reason)) throw connectionError(error)
      throw error
    }
  }
}

/** The body was decoded on the way, so headers about its encoding would be untrue. */
function readableHeaders(headers: Headers): Headers {
  const kept = new Headers(headers)
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) kept.delete(name)
  return kept
}

const lost: ReadonlySet<string> = new Set(['CONNECTION', 'DNS'])

/** The SDK tries again only after the error that the platform's fetch throws for a lost connection. */
const connectionError = (cause: SourceFailure) => new TypeError('fetch failed', { cause })
