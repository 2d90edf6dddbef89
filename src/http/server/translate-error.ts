import type { FastifyError, FastifyRequest } from 'fastify'
import { Refusal } from '../../errors.ts'

/** Fastify's and the multipart parser's own codes as refusals; null for anything else, which is a bug. */
export function translateError(error: FastifyError, request: FastifyRequest): Refusal | null {
  if (error instanceof Refusal) return error
  const cause = { cause: error }
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_INVALID_MULTIPART_CONTENT_TYPE':
      return new Refusal('BODY_TYPE_UNSUPPORTED', {}, cause)
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Refusal('BODY_TOO_LARGE', { max: request.routeOptions.bodyLimit }, cause)
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'ECONNRESET':
      return new Refusal('UPLOAD_INCOMPLETE', {}, cause)
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_PROTO_VIOLATION':
      return new Refusal('BODY_INVALID', {}, cause)
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_ASYNC_CONSTRAINT':
      return new Refusal('ROUTE_NOT_FOUND', {}, cause)
    default:
      // Body parsers mark what is the client's fault with a status below 500.
      return (error.statusCode ?? 500) < 500 ? new Refusal('BODY_INVALID', {}, cause) : null
  }
}
