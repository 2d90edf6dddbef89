import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { uncountedProxy } from '../../server/guard-requests.ts'
import type { HttpContext } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'

const check = z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })
const readiness = z.object({ ok: z.boolean(), degraded: z.boolean(), checks: z.array(check) })

/** /healthz says that the process lives, /readyz that it can do its work: 200 also when degraded. */
export const healthRoutes =
  ({ deps, authenticate }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    const config = { access: 'public', probe: true, unlimited: true } as const
    const routes = app.withTypeProvider<ZodTypes>()
    routes.get(
      '/healthz',
      {
        config,
        schema: {
          tags: ['health'],
          summary: 'Whether the process lives',
          response: { 200: z.object({ ok: z.literal(true) }) },
        },
      },
      async () => ({ ok: true as const }),
    )
    routes.get(
      '/readyz',
      {
        config,
        schema: {
          tags: ['health'],
          summary: 'Whether the server can work: database, migrations, projections, jobs, disk',
          response: { 200: readiness, 503: readiness },
        },
      },
      async (request, reply) => {
        const found = await deps.ready()
        // Anybody can send the header, so it changes nothing but what this one request is told.
        const proxy = uncountedProxy(request, deps.config)
        const told = proxy ? [{ name: 'proxies', ok: false, detail: proxy }] : []
        const answer = { ...found, checks: [...found.checks, ...told] }
        const issuer = authenticate.issuerHealth?.()
        if (!issuer) return reply.code(answer.ok ? 200 : 503).send(answer)
        // It is not ours: taking every server out of rotation would not bring it back.
        const degraded = answer.degraded || (answer.ok && !issuer.ok)
        const checks = [...answer.checks, { name: 'issuer', ...issuer }]
        return reply.code(answer.ok ? 200 : 503).send({ ...answer, checks, degraded })
      },
    )
  }
