import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { loadArticle } from '../../../commands/articles/article-stream.ts'
import { articlePage } from '../../pages/article-page.ts'
import { callerOf, type HttpContext, wantsHtml } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'
import { articleView, articleViewSchema } from './article-view.ts'

/** Any string: what is no UUID is refused by the command, in the words every adapter uses. */
export const articleParams = z.object({ article_id: z.string().max(100) })

/** GET /articles/{id}: JSON, or on a local server the article page when a browser asks. */
export const getArticleRoute =
  ({ deps, auth, base }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    app.withTypeProvider<ZodTypes>().get(
      '/articles/:article_id',
      {
        config: { access: 'nova:read' },
        schema: {
          tags: ['articles'],
          summary: 'One article: status, counts, running operations, next step',
          params: articleParams,
          response: { 200: articleViewSchema },
        },
      },
      async (request, reply) => {
        const { userId } = callerOf(request)
        const { article_id: id } = request.params
        const { article, version } = await loadArticle(deps.store, userId, id)
        if (auth.mode !== 'local' || !wantsHtml(request)) return articleView(article, version)
        const self = `${base()}/articles/${article.articleId}`
        const page = articlePage(base(), article, version, {
          events: `${self}/events`,
          download: { path: `${self}/research.md`, method: 'get' },
          upload: `${self}/links?purpose=upload_files`,
          owner: {
            revoke: `${self}/links/revoke`,
            runs: `${self}/runs`,
            archive: `${self}/${article.archived ? 'unarchive' : 'archive'}`,
          },
        })
        return reply.type('text/html; charset=utf-8').send(page.toString() as never)
      },
    )
  }
