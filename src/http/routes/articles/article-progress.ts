import type { FastifyPluginAsync } from 'fastify'
import { streamArticle } from '../../live/stream-article.ts'
import { callerOf, type HttpContext } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'
import { articleParams } from './get-article.ts'

/** GET /articles/{id}/events: progress as server-sent events. */
export const articleProgressRoute =
  ({ deps }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    app.withTypeProvider<ZodTypes>().get(
      '/articles/:article_id/events',
      {
        config: { access: 'nova:read' },
        schema: {
          tags: ['articles'],
          summary: 'Progress as server-sent events named `article`, data as GET /articles/{id}',
          params: articleParams,
          response: {
            200: {
              description: 'A stream that goes on until you close it',
              content: { 'text/event-stream': { schema: { type: 'string' } } },
            },
          },
        },
      },
      async (request, reply) => {
        const { userId } = callerOf(request)
        const { article_id: articleId } = request.params
        await streamArticle(deps, request, reply, { userId, articleId })
      },
    )
  }
