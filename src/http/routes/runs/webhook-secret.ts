import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { userWebhookSecrets } from '../../../commands/runs/webhook-signature.ts'
import { callerOf, type HttpContext } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'

/** /webhook-secret: what the caller's receivers check signatures with. */
export const webhookSecretRoute =
  ({ deps }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    app.withTypeProvider<ZodTypes>().get(
      '/webhook-secret',
      {
        config: { access: 'nova:write' },
        schema: {
          tags: ['runs'],
          summary: 'The secret that signs your webhooks, as standard-webhooks has it',
          description:
            'Yours alone. It changes when the operator changes NOVA_LINK_SECRET; while the server has an old key as well, messages carry a signature of each.',
          response: { 200: z.object({ secret: z.string() }) },
        },
      },
      async (request, reply) => {
        const [secret = ''] = userWebhookSecrets(deps.links.keys, callerOf(request).userId)
        reply.header('cache-control', 'no-store')
        return { secret }
      },
    )
  }
