import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from 'fastify'
import { observe } from '../../observed.ts'

/**
 * Requests are logged by the pattern of their route: an address may hold a link's token, a header an
 * access token, and neither belongs into a log.
 */
export const requestLogging = {
  logController: new LogController({ disableRequestLogging: true }),
  childLoggerFactory: (logger, bindings, options) =>
    logger.child(bindings, {
      ...options,
      serializers: {
        req: (request: FastifyRequest) => ({ method: request.method, route: routeOf(request) }),
        res: (reply: FastifyReply) => ({ status: reply.statusCode }),
      },
    }),
} satisfies FastifyServerOptions

/** One line per answer. Runs for hijacked replies as well. */
export function logResponses(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const level = request.routeOptions.config.probe ? 'debug' : 'info'
    const { method } = request
    const ms = Math.round(reply.elapsedTime)
    observe('request', {
      method,
      route: routeOf(request),
      status: reply.statusCode,
      ms: reply.elapsedTime,
    })
    request.log[level](
      { method, route: routeOf(request), status: reply.statusCode, ms },
      'answered',
    )
  })
}

const routeOf = (request: FastifyRequest): string => request.routeOptions?.url ?? 'unmatched'
