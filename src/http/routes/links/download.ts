import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { recordDownload } from '../../../commands/links/record-download.ts'
import { openLink } from '../../../commands/links/revoke-links.ts'
import { type HttpContext, linkCallerOf } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'
import { sendResearch } from '../articles/send-research.ts'

const params = z.object({ token: z.string().max(2000) })

/** research.md, and research.json beside it, behind a signed link, as often as the browser asks until the link expires. */
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
          const claims = await openLink(deps, token, ['download'])
          const caller = linkCallerOf(request, claims.userId)
          const onSend = () => recordDownload(deps, caller, claims)
          return sendResearch(deps, request, reply, { ...claims, onSend })
        },
      )
    app
      .withTypeProvider<ZodTypes>()
      .get(
        '/download/:token/research.json',
        { config: { access: 'link' }, schema: { params, hide: true } },
        async (request, reply) => {
          const claims = await openLink(deps, request.params.token, ['download'])
          const caller = linkCallerOf(request, claims.userId)
          const onSend = () => recordDownload(deps, caller, claims)
          return sendResearch(deps, request, reply, { ...claims, onSend, file: 'research.json' })
        },
      )
  }
