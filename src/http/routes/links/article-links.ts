import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { loadArticle } from '../../../commands/articles/article-stream.ts'
import { grantLink } from '../../../commands/links/grant-link.ts'
import { revokeLinks } from '../../../commands/links/revoke-links.ts'
import { callerOf, type HttpContext, wantsHtml } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'
import { articleParams } from '../articles/get-article.ts'

const querystring = z.strictObject({ purpose: z.enum(['upload_files', 'download', 'watch']) })

/** POST /articles/{id}/links: a link for a browser without login; /links/revoke takes all of them back. */
export const articleLinksRoute =
  ({ deps, base }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    const routes = app.withTypeProvider<ZodTypes>()
    routes.post(
      '/articles/:article_id/links',
      {
        config: { access: 'nova:write' },
        schema: {
          tags: ['articles'],
          summary: 'Get a signed, expiring link to upload files, download research.md or watch',
          params: articleParams,
          querystring,
          response: { 201: z.object({ url: z.url(), expires_at: z.iso.datetime() }) },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        const { article } = await loadArticle(deps.store, caller.userId, request.params.article_id)
        const { url, expiresAt } = await grantLink(deps, caller, {
          purpose: request.query.purpose,
          articleId: article.articleId,
        })
        if (wantsHtml(request)) return reply.redirect(new URL(url).pathname, 303)
        return reply.code(201).send({ url, expires_at: expiresAt.toISOString() })
      },
    )
    routes.post(
      '/articles/:article_id/links/revoke',
      {
        config: { access: 'nova:write' },
        schema: {
          tags: ['articles'],
          summary: 'Revoke every link of the article that was given out until now',
          params: articleParams,
          response: { 200: z.object({ article_id: z.uuid(), revoked_at: z.iso.datetime() }) },
        },
      },
      async (request, reply) => {
        const { article_id: articleId } = request.params
        const revoked = await revokeLinks(deps, callerOf(request), { articleId })
        if (wantsHtml(request))
          return reply.redirect(`${base()}/articles/${revoked.articleId}`, 303)
        return { article_id: revoked.articleId, revoked_at: revoked.revokedAt.toISOString() }
      },
    )
  }
