import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { archiveArticle } from '../../../commands/articles/archive-article.ts'
import { callerOf, type HttpContext, wantsHtml } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'
import { articleParams } from './get-article.ts'

const ways = {
  archive: { archived: true, summary: 'Archive an article: readable, but no more work is taken' },
  unarchive: { archived: false, summary: 'Take an article back from the archive' },
} as const

/** POST /articles/{id}/archive and /unarchive; from the article's page they lead back to it. */
export const archiveArticleRoute =
  ({ deps, base }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    for (const [way, { archived, summary }] of Object.entries(ways)) {
      app.withTypeProvider<ZodTypes>().post(
        `/articles/:article_id/${way}`,
        {
          config: { access: 'nova:write' },
          schema: {
            tags: ['articles'],
            summary,
            params: articleParams,
            response: { 200: z.object({ article_id: z.uuid(), archived: z.boolean() }) },
          },
        },
        async (request, reply) => {
          const command = { articleId: request.params.article_id, archived }
          const { article, appended } = await archiveArticle(deps, callerOf(request), command)
          if (appended) await deps.projections.waitFor(['articles'], appended.position)
          if (wantsHtml(request)) {
            return reply.redirect(`${base()}/articles/${article.articleId}`, 303)
          }
          return { article_id: article.articleId, archived: article.archived }
        },
      )
    }
  }
