import type { FastifyPluginAsync } from 'fastify'
import { requestBytesMax } from '../../../sources/files/json-bounds.ts'
import { callerOf, type HttpContext } from '../../server/http-context.ts'

/** The MCP endpoint. Reading is the least a caller must be allowed; tools ask for more by themselves. */
export const mcpRoute =
  ({ deps, tally }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    app.route({
      method: ['GET', 'POST', 'DELETE'],
      url: '/mcp',
      bodyLimit: requestBytesMax,
      config: { access: 'nova:read' },
      schema: { hide: true },
      async handler(request, reply) {
        callerOf(request)
        const { identity } = request
        if (!identity) return
        // Hijacked answers skip Fastify's own headers, so they are put on the raw answer first.
        for (const [name, value] of Object.entries(reply.getHeaders())) {
          if (value !== undefined) reply.raw.setHeader(name, value)
        }
        reply.hijack()
        try {
          await deps.mcp(request.raw, reply.raw, request.body, identity)
          // The challenge for a tool's scope is the SDK's, and no refusal that the error handler sees.
          if (reply.raw.statusCode === 403) tally.count('SCOPE_MISSING', request.ip)
        } catch (error) {
          request.log.error({ err: error }, 'mcp request failed')
          if (!reply.raw.headersSent) {
            reply.raw.writeHead(500, { 'content-type': 'application/json' })
            const message = 'Something went wrong on our side.'
            const body = { code: 'INTERNAL', message, retryable: false, request_id: request.id }
            reply.raw.write(JSON.stringify({ error: body }))
          }
          reply.raw.end()
        }
      },
    })
  }
