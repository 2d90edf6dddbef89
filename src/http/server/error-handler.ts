import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal, refusalBody } from '../../errors.ts'
import { observe } from '../../observed.ts'
import { challenge } from '../auth/challenge.ts'
import { errorPage } from '../pages/error-page.ts'
import { guesserOf, setSecurityHeaders } from './guard-requests.ts'
import { type HttpContext, wantsHtml } from './http-context.ts'
import { jsonRpcFailure, jsonRpcRefusal, speaksJsonRpc } from './json-rpc-error.ts'
import { retryAfterSeconds, statusOfKind } from './refusal-status.ts'

/** Refusals that mean somebody may be guessing tokens, links or addresses. */
const guesses = new Set([
  'UNAUTHENTICATED',
  'LINK_INVALID',
  'ROUTE_NOT_FOUND',
  'ARTICLE_NOT_FOUND',
  'TOKEN_NOT_FOUND',
])

const guessesPerMinute = 120

/** The one place where anything thrown becomes an answer. Needs the rate-limit plugin. */
export function useErrorHandler(app: FastifyInstance, context: HttpContext): void {
  const { tally } = context
  app.addHook('onClose', () => tally.flush())
  // Headers that are too large reach no hook; Fastify answers them with 431 and drops the connection.
  app.server.prependListener('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'HPE_HEADER_OVERFLOW') {
      tally.count('HEADERS_TOO_LARGE', socket.remoteAddress ?? '')
    }
  })
  const guessers = new WeakMap<FastifyRequest, string>()
  const guessLimit = app.createRateLimit({
    max: guessesPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => guessers.get(request) ?? request.ip,
  })

  const refuse = async (request: FastifyRequest, reply: FastifyReply, refusal: Refusal) => {
    tally.refused(refusal, request.ip)
    const guesser = guesses.has(refusal.code) ? guesserOf(request, refusal) : null
    if (guesser === null) return answerRefusal(context, request, reply, refusal)
    guessers.set(request, guesser)
    const guess = await guessLimit(request)
    if (guess.isAllowed || !guess.isExceeded) return answerRefusal(context, request, reply, refusal)
    const limited = new Refusal('RATE_LIMITED', { retry_after: guess.ttlInSeconds })
    return answerRefusal(context, request, reply, limited)
  }

  app.setErrorHandler<FastifyError>(async (error, request, reply) => {
    const refusal = translateError(error, request)
    return refusal ? refuse(request, reply, refusal) : answerBug(request, reply, error, context)
  })
  app.setNotFoundHandler((request, reply) => refuse(request, reply, new Refusal('ROUTE_NOT_FOUND')))
}

/** For addresses that cannot even be decoded: they reach no hook and no handler. */
export function answerUnroutable(_error: unknown, _request: FastifyRequest, reply: FastifyReply) {
  setSecurityHeaders(reply, false)
  const refusal = new Refusal('ROUTE_NOT_FOUND')
  reply.code(statusOfKind[refusal.kind]).type('application/json')
  return reply.send({ error: refusalBody(refusal) })
}

function answerRefusal(
  context: HttpContext,
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: Refusal,
) {
  const { deps, auth } = context
  observe('refusal', { code: refusal.code })
  const status = statusOfKind[refusal.kind]
  const retryAfter = retryAfterSeconds(refusal, deps.now())
  if (retryAfter !== null) reply.header('retry-after', retryAfter)
  const authenticate =
    status === 401 || refusal.code === 'SCOPE_MISSING' || bearsBadToken(request, refusal)
      ? challenge(auth, refusal, deps.links.serverUrl())
      : null
  if (authenticate) reply.header('www-authenticate', authenticate)
  request.log[status >= 500 ? 'warn' : 'info'](
    { code: refusal.code, cause: causeOf(refusal) },
    'refused',
  )
  reply.code(status).header('cache-control', 'no-store')
  if (!wantsHtml(request)) {
    const body = speaksJsonRpc(request)
      ? jsonRpcRefusal(request, refusal)
      : { error: refusalBody(refusal) }
    return reply.type('application/json').send(body)
  }
  return reply.type('text/html; charset=utf-8').send(
    errorPage(context.base(), {
      status,
      sentence: refusal.message,
      hint: refusal.hint,
      code: refusal.code,
      requestId: request.id,
    }).toString(),
  )
}

/** A token that does not count was sent too often: its bearer is still told how to get another. */
const bearsBadToken = ({ identity, headers }: FastifyRequest, { code }: Refusal): boolean =>
  code === 'RATE_LIMITED' && identity === null && headers.authorization !== undefined

/** A bug's answer holds nothing but the id under which it was logged. */
function answerBug(
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  context: HttpContext,
) {
  request.log.error({ err: error }, 'request failed')
  const message = 'Something went wrong on our side.'
  reply.code(500).header('cache-control', 'no-store')
  if (!wantsHtml(request)) {
    const body = { code: 'INTERNAL', message, retryable: false, request_id: request.id }
    return reply
      .type('application/json')
      .send(speaksJsonRpc(request) ? jsonRpcFailure(request, body) : { error: body })
  }
  return reply.type('text/html; charset=utf-8').send(
    errorPage(context.base(), {
      status: 500,
      sentence: message,
      hint: 'Try again; if it stays, tell the operator this number.',
      code: 'INTERNAL',
      requestId: request.id,
    }).toString(),
  )
}

const causeOf = (refusal: Refusal): string | undefined =>
  refusal.cause instanceof Error ? refusal.cause.message.slice(0, 200) : undefined

/** Fastify's own codes as refusals; null for anything else, which is a bug. */
function translateError(error: FastifyError, request: FastifyRequest): Refusal | null {
  if (error instanceof Refusal) return error
  const cause = { cause: error }
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Refusal('BODY_TYPE_UNSUPPORTED', {}, cause)
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Refusal('BODY_TOO_LARGE', { max: request.routeOptions.bodyLimit }, cause)
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'ECONNRESET':
      return new Refusal('UPLOAD_INCOMPLETE', {}, cause)
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new Refusal('BODY_INVALID', {}, cause)
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_ASYNC_CONSTRAINT':
      return new Refusal('ROUTE_NOT_FOUND', {}, cause)
    default:
      // Body parsers mark what is the client's fault with a status below 500.
      return (error.statusCode ?? 500) < 500 ? new Refusal('BODY_INVALID', {}, cause) : null
  }
}
