import type { FastifyPluginAsync } from 'fastify'
import { Refusal } from '../../../errors.ts'
import { mayRead, type OfferedMetrics } from '../../metrics/offered-metrics.ts'

/** /metrics beside everything else, for platforms that let in one port. Without it there is no such address. */
export const metricsRoute =
  (offered: OfferedMetrics | null): FastifyPluginAsync =>
  async (app) => {
    if (!offered) return
    const config = { access: 'public', probe: true, unlimited: true } as const
    app.get('/metrics', { config, schema: { hide: true } }, async (request, reply) => {
      if (!mayRead(offered, request.headers.authorization)) throw new Refusal('UNAUTHENTICATED')
      return reply.type(offered.metrics.contentType).send(await offered.metrics.text())
    })
  }
