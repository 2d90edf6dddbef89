import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { verifyLink } from '../../commands/link-token.ts'
import type { HttpContext } from '../http-context.ts'
import { sendResearch } from '../send-research.ts'
import type { ZodTypes } from '../zod-schemas.ts'

const params = z.object({ token: z.string().max(2000) })

/** research.md behind a signed link, as often as the browser asks until the link expires. */
export const downloadRoute =
  ({ deps }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    app
      .withTypeProvider<ZodTypes>()
      .get(
        '/download/:token',
        { config: { access: 'link' }, schema: { params, hide: true } },
        async (request, reply) => {
          const { token } = request.params
          const claims = verifyLink(deps.links.keys, token, deps.now(), ['download'])
          return sendResearch(deps, request, reply, claims)
        },
      )
  }
