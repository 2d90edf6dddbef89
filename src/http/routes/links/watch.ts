import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { loadArticle } from '../../../commands/articles/article-stream.ts'
import { grantLink } from '../../../commands/links/grant-link.ts'
import { openLink } from '../../../commands/links/revoke-links.ts'
import { streamArticle } from '../../live/stream-article.ts'
import { articlePage } from '../../pages/article-page.ts'
import { type HttpContext, linkCallerOf } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'

const params = z.object({ token: z.string().max(2000) })
const actionParams = params.extend({ action: z.enum(['download', 'upload']) })

/** The article page behind a link: what is happening, what came of it, and the way to the files. */
export const watchRoutes =
  ({ deps, base }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    const routes = app.withTypeProvider<ZodTypes>()
    const open = (token: string) => openLink(deps, token, ['watch'])
    const config = { access: 'link' } as const

    routes.get(
      '/watch/:token',
      { config, schema: { params, hide: true } },
      async (request, reply) => {
        const { token } = request.params
        const claims = await open(token)
        const { article, version } = await loadArticle(deps.store, claims.userId, claims.articleId)
        const self = `${base()}/watch/${token}`
        const page = articlePage(base(), article, version, {
          events: `${self}/events`,
          download: { path: `${self}/download`, method: 'post' },
          upload: `${self}/upload`,
        })
        return reply.type('text/html; charset=utf-8').send(page.toString())
      },
    )

    routes.get(
      '/watch/:token/events',
      { config, schema: { params, hide: true } },
      async (request, reply) => {
        const { token } = request.params
        const stays = async () => void (await open(token))
        await streamArticle(deps, request, reply, { ...(await open(token)), stays })
      },
    )

    // A fresh link is granted when it is asked for, so that looking at the page records nothing.
    routes.post(
      '/watch/:token/:action',
      { config, schema: { params: actionParams, hide: true } },
      async (request, reply) => {
        const { token, action } = request.params
        const claims = await open(token)
        const { userId, articleId } = claims
        await loadArticle(deps.store, userId, articleId)
        const { url } = await grantLink(deps, linkCallerOf(request, userId), {
          purpose: action === 'download' ? 'download' : 'upload_files',
          articleId,
          within: claims,
        })
        return reply.redirect(new URL(url).pathname, 303)
      },
    )
  }
