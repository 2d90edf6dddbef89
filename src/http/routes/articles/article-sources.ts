import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { loadArticle } from '../../../commands/articles/article-stream.ts'
import { callerOf, type HttpContext } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'
import { articleParams } from './get-article.ts'
import { sourceView, sourceViewSchema } from './source-view.ts'

/** GET /articles/{id}/sources: every source with its state and the reason for it. */
export const articleSourcesRoute =
  ({ deps }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    app.withTypeProvider<ZodTypes>().get(
      '/articles/:article_id/sources',
      {
        config: { access: 'nova:read' },
        schema: {
          tags: ['articles'],
          summary: 'The sources of an article',
          params: articleParams,
          response: { 200: z.object({ sources: z.array(sourceViewSchema) }) },
        },
      },
      async (request) => {
        const { userId } = callerOf(request)
        const { article } = await loadArticle(deps.store, userId, request.params.article_id)
        const sources = [...article.sources.values()].sort((a, b) => a.number - b.number)
        return { sources: sources.map(sourceView) }
      },
    )
  }
