import type { IncomingMessage } from 'node:http'
import type { FastifyPluginAsync } from 'fastify'
import { requestBytesMax } from '../../../sources/files/json-bounds.ts'
import { type AskedOffer, narrowed } from '../../../toolsets.ts'
import { callerOf, type HttpContext } from '../../server/http-context.ts'
import { jsonRpcFailure } from '../../server/json-rpc-error.ts'

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
        const offer = narrowed(deps.offer, askedOffer(request.raw))
        // Hijacked answers skip Fastify's own headers, so they are put on the raw answer first.
        for (const [name, value] of Object.entries(reply.getHeaders())) {
          if (value !== undefined) reply.raw.setHeader(name, value)
        }
        acceptBoth(request.raw)
        reply.hijack()
        try {
          await deps.mcp(request.raw, reply.raw, request.body, identity, offer)
          // The challenge for a tool's scope is the SDK's, and no refusal that the error handler sees.
          if (reply.raw.statusCode === 403) tally.count('SCOPE_MISSING', request.ip)
        } catch (error) {
          request.log.error({ err: error }, 'mcp request failed')
          if (!reply.raw.headersSent) {
            reply.raw.writeHead(500, { 'content-type': 'application/json' })
            const message = 'Something went wrong on our side.'
            const body = { code: 'INTERNAL', message, retryable: false, request_id: request.id }
            reply.raw.write(JSON.stringify(jsonRpcFailure(request, body)))
          }
          reply.raw.end()
        }
      },
    })
  }

/** What of the offer a client asks for, by address or header: the address wins, since people see it. */
function askedOffer({ url = '', headers }: IncomingMessage): AskedOffer {
  const query = new URL(url, 'http://nova').searchParams
  const given = (name: string) => {
    const header = headers[`x-mcp-${name}`]
    return query.get(name) ?? (typeof header === 'string' ? header : undefined)
  }
  const readOnly = given('readonly')
  return {
    toolsets: given('toolsets'),
    readOnly: readOnly !== undefined && !['0', 'false'].includes(readOnly.toLowerCase()),
  }
}

const forms = ['application/json', 'text/event-stream'] as const

/**
 * The SDK looks for both media types by name. A client that takes anything, or says nothing, takes them too: curl, and
 * what HTTP libraries send unasked.
 */
function acceptBoth({ headers }: IncomingMessage): void {
  const ranges = (headers.accept ?? '*/*').split(',').map((range) => range.trim().toLowerCase())
  const takes = (type: string) =>
    ranges.some((range) => {
      const [name = '', ...parameters] = range.split(';').map((part) => part.trim())
      const isRefused = parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))
      return !isRefused && ['*/*', type, type.replace(/\/.*/, '/*')].includes(name)
    })
  const taken = forms.filter(takes)
  if (taken.length === forms.length) headers.accept = forms.join(', ')
}
