import type { FastifyRequest } from 'fastify'
import { type Refusal, refusalBody } from '../../errors.ts'

/** Whether a JSON-RPC client is asking: it reads no other form of an error. */
export const speaksJsonRpc = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url === '/mcp'

/** What a request whose JSON could not be read, was refused, or failed is answered with by JSON-RPC 2.0. */
const codes = { unreadable: -32_700, invalid: -32_600, failed: -32_603, refused: -32_000 } as const

/** A refusal as a JSON-RPC error that names its request. The refusal itself, as REST gives it, is the error's data. */
export function jsonRpcRefusal(request: FastifyRequest, refusal: Refusal): object {
  const kind = kindOf(refusal)
  const message = `${refusal.message} ${refusal.hint}`.trim()
  return answer(request, { code: codes[kind], message, data: refusalBody(refusal) })
}

/** A bug as a JSON-RPC error; the body of REST, which holds no more than an id of the log, is its data. */
export const jsonRpcFailure = (request: FastifyRequest, body: { message: string }): object =>
  answer(request, { code: codes.failed, message: body.message, data: body })

function kindOf({ code }: Refusal): keyof typeof codes {
  switch (code) {
    case 'BODY_INVALID':
      return 'unreadable'
    case 'BODY_TOO_COMPLEX':
    case 'BODY_TOO_LARGE':
    case 'BODY_TYPE_UNSUPPORTED':
      return 'invalid'
    default:
      return 'refused'
  }
}

const answer = (request: FastifyRequest, error: object) => ({
  jsonrpc: '2.0',
  id: idOf(request.body),
  error,
})

/** Null where nobody could read which request it was, as JSON-RPC asks for. */
function idOf(body: unknown): string | number | null {
  const id = typeof body === 'object' && body !== null && 'id' in body ? body.id : null
  return typeof id === 'string' || typeof id === 'number' ? id : null
}
