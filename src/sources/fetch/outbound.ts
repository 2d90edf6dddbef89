import { type Response, fetch as undiciFetch } from 'undici'
import { SourceFailure } from '../source-failure.ts'
import { createFetchAgent, type ResolveHost } from './fetch-agent.ts'
import { type AllowedEndpoint, fetchTarget } from './fetch-target.ts'
import { createHostTurns } from './host-turns.ts'
import { networkFailure } from './network-failure.ts'
import { type Hop, nextHop } from './next-hop.ts'
import { readBounded } from './read-bounded.ts'
import { createRobots, type ReadRobots } from './robots.ts'
import { type RobotsRules, robotsMaxBytes } from './robots-rules.ts'
import { createTimeLimit, type TimeLimit } from './time-limit.ts'

export interface OutboundSettings {
  /** Exceptions to "public addresses only", each for one exact host and port. */
  allow: readonly AllowedEndpoint[]
  /** Time one request may take in all: redirects, retries and a slow body included, queueing not. */
  timeoutMs: number
  /** Requests in flight over all hosts, and per host. */
  concurrency: number
  perHost: number
  userAgent: string
  /** Pause between two page requests to one host; default 200. */
  politePauseMs?: number
  /** Name resolution, for tests; default the system's. */
  resolve?: ResolveHost
}

export interface OutboundRequest {
  url: string
  /** Default GET. */
  method?: 'GET' | 'HEAD' | 'POST'
  /** Sent to the first origin only: a redirect elsewhere never carries them on. */
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array<ArrayBuffer>
  accept?: string
  /** Default: true for GET. False only for APIs that the operator configured. */
  obeyRobots?: boolean
  conditional?: { etag?: string; lastModified?: string }
}

/** An answer whose body is still to be read; the turn on its host is held until `endTurn`. */
export interface Landing {
  response: Response
  url: URL
  redirects: string[]
  robots: 'allowed' | 'no-rules' | 'not-asked'
  endTurn: () => void
}

export interface Outbound {
  /** Sends one request and follows its redirects, each checked like the first. */
  send: (request: OutboundRequest, limit: TimeLimit) => Promise<Landing>
  holdOff: (host: string, ms: number) => void
  close: () => Promise<void>
}

const redirectsMax = 8
const defaultAccept = 'text/markdown, text/html;q=0.9, application/xhtml+xml;q=0.9, */*;q=0.5'

export function createOutbound(settings: OutboundSettings): Outbound {
  const agent = createFetchAgent(settings)
  const turns = createHostTurns(settings)

  async function exchange(hop: Hop, accept: string, limit: TimeLimit): Promise<Response> {
    return await undiciFetch(hop.url, {
      dispatcher: agent,
      redirect: 'manual',
      method: hop.method,
      headers: { 'user-agent': settings.userAgent, accept, ...hop.headers },
      ...(hop.body === undefined ? {} : { body: hop.body }),
      signal: limit.signal,
    })
  }

  async function send(request: OutboundRequest, limit: TimeLimit): Promise<Landing> {
    const asksRobots = request.obeyRobots ?? (request.method ?? 'GET') === 'GET'
    const redirects: string[] = []
    let hop = firstHop(request)
    for (;;) {
      const url = fetchTarget(hop.url, settings.allow)
      hop = { ...hop, url: url.href }
      const rules = asksRobots ? await allowedBy(robots, url, limit.signal) : undefined
      const pauseMs = Math.max(settings.politePauseMs ?? 200, rules?.crawlDelayMs ?? 0)
      const endTurn = await turns.take(rules ? url.host : null, limit.signal, pauseMs)
      try {
        limit.resume()
        const response = await exchange(hop, request.accept ?? defaultAccept, limit)
        const next = nextHop(hop, response.status, response.headers.get('location'))
        if (!next) {
          const verdict = rules ? (rules.hasRules ? 'allowed' : 'no-rules') : 'not-asked'
          return { response, url, redirects, robots: verdict, endTurn }
        }
        await response.body?.cancel()
        hop = next
      } catch (error) {
        endTurn()
        throw error
      }
      limit.pause()
      endTurn()
      redirects.push(url.href)
      if (redirects.length > redirectsMax) throw new SourceFailure('TOO_MANY_REDIRECTS')
    }
  }

  const readRobots: ReadRobots = async (url) => {
    const limit = createTimeLimit(Math.min(settings.timeoutMs, 10_000), undefined)
    try {
      const landing = await send({ url, obeyRobots: false, accept: 'text/plain, */*;q=0.5' }, limit)
      const { response } = landing
      try {
        const bytes = await readBounded(response.body, robotsMaxBytes, 'cut')
        return { status: response.status, text: new TextDecoder().decode(bytes) }
      } finally {
        landing.endTurn()
      }
    } catch (error) {
      const failure = networkFailure(error, limit)
      // RFC 9309: a file behind endless redirects counts as absent.
      if (failure.reason === 'TOO_MANY_REDIRECTS') return { status: 404, text: '' }
      throw failure
    } finally {
      limit.pause()
    }
  }
  const robots = createRobots(readRobots, settings.userAgent)

  return { send, holdOff: turns.holdOff, close: () => agent.destroy() }
}

function firstHop(request: OutboundRequest): Hop {
  const { etag, lastModified } = request.conditional ?? {}
  return {
    url: request.url,
    method: request.method ?? 'GET',
    headers: {
      ...(etag ? { 'if-none-match': etag } : {}),
      ...(lastModified ? { 'if-modified-since': lastModified } : {}),
      ...request.headers,
    },
    body: request.body,
  }
}

/** The file is read once for all who ask, so one caller's cancellation must not end the reading. */
async function allowedBy(
  robots: (url: URL) => Promise<RobotsRules>,
  url: URL,
  signal: AbortSignal,
): Promise<RobotsRules> {
  signal.throwIfAborted()
  const cancelled = Promise.withResolvers<never>()
  const giveUp = () => cancelled.reject(signal.reason)
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    const rules = await Promise.race([robots(url), cancelled.promise])
    if (!rules.allows(url)) throw new SourceFailure('ROBOTS_DISALLOWED')
    return rules
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}
