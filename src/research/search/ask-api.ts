import type { z } from 'zod'
import { SourceFailure } from '../../sources/source-failure.ts'
import type { HttpPort, HttpPortAnswer } from '../http-port.ts'
import { SearchFailure, type SearchFailureReason } from './search-failure.ts'

const answerBytesMax = 4_000_000

export interface ApiRequest {
  provider: string
  url: string
  /** Sent as JSON by POST; without it the request is a GET. */
  json?: unknown
  headers?: Record<string, string>
  accept?: string
  signal: AbortSignal
  timeoutMs: number
  /** What the operator can do about a status, in our words. */
  explain?: Partial<Record<number, string>>
  /** Words of an error's body that say more than its status: several errors share one. */
  errors?: readonly KnownError[]
}

export interface KnownError {
  word: string
  reason: SearchFailureReason
  say: string
}

/** Asks a search API and parses its JSON; every way to fail is a SearchFailure, an abort stays an abort. */
export async function askJson<T>(
  http: HttpPort,
  request: ApiRequest,
  schema: z.ZodType<T>,
): Promise<T> {
  const text = await askText(http, request)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new SearchFailure('BAD_ANSWER', request.provider, 'not JSON', { cause })
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') || 'the whole answer'
    throw new SearchFailure('BAD_ANSWER', request.provider, `unexpected shape at ${where}`)
  }
  return parsed.data
}

/** Asks a search API and returns the answer's text. */
export async function askText(http: HttpPort, request: ApiRequest): Promise<string> {
  const answer = await send(http, request)
  if (answer.status < 200 || answer.status > 299) throw knownFailure(request, answer)
  return new TextDecoder().decode(answer.bytes)
}

async function send(http: HttpPort, request: ApiRequest): Promise<HttpPortAnswer> {
  const accept = request.accept ?? 'application/json'
  try {
    return await http.fetch({
      url: request.url,
      method: request.json === undefined ? 'GET' : 'POST',
      headers: {
        ...(request.json !== undefined && { 'content-type': 'application/json' }),
        ...request.headers,
      },
      ...(request.json !== undefined && { body: JSON.stringify(request.json) }),
      accept,
      signal: request.signal,
      maxBytes: answerBytesMax,
      timeoutMs: request.timeoutMs,
      obeyRobots: false,
      retries: 0,
    })
  } catch (cause) {
    request.signal.throwIfAborted()
    if (cause instanceof SourceFailure) throw fetchFailure(request, cause)
    throw cause
  }
}

function fetchFailure(request: ApiRequest, failure: SourceFailure): SearchFailure {
  const status = Number(/\bstatus (\d{3})\b/.exec(failure.detail ?? '')?.[1])
  if (status) return statusFailure(request, status, failure)
  const reason = failure.reason === 'TIMEOUT' ? 'TIMEOUT' : 'UNAVAILABLE'
  return new SearchFailure(reason, request.provider, failure.reason, { cause: failure })
}

function knownFailure(request: ApiRequest, { status, bytes }: HttpPortAnswer): SearchFailure {
  const body = new TextDecoder().decode(bytes.subarray(0, 4_000))
  const known = request.errors?.find(({ word }) => body.includes(word))
  return known
    ? new SearchFailure(known.reason, request.provider, `status ${status}; ${known.say}`)
    : statusFailure(request, status)
}

/** Statuses of a key that does not count or a plan that is used up; the last two are Tavily's own. */
const refusals: ReadonlySet<number> = new Set([401, 402, 403, 432, 433])

function statusFailure(request: ApiRequest, status: number, cause?: unknown): SearchFailure {
  const reason =
    status === 429
      ? 'RATE_LIMITED'
      : refusals.has(status)
        ? 'UNAUTHORIZED'
        : status === 408 || status === 504
          ? 'TIMEOUT'
          : 'UNAVAILABLE'
  const explained = request.explain?.[status]
  const detail = explained ? `status ${status}; ${explained}` : `status ${status}`
  return new SearchFailure(reason, request.provider, detail, { cause })
}
