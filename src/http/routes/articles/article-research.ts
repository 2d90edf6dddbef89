import type { FastifyPluginAsync } from 'fastify'
import { callerOf, type HttpContext } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'
import { articleParams } from './get-article.ts'
import { sendResearch } from './send-research.ts'

/** GET /articles/{id}/research.md, with ETag. */
export const articleResearchRoute =
  ({ deps }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    app.withTypeProvider<ZodTypes>().get(
      '/articles/:article_id/research.md',
      {
        config: { access: 'nova:read' },
        schema: {
          tags: ['articles'],
          summary: 'The compiled research.md; send If-None-Match to be answered 304',
          params: articleParams,
          response: {
            200: {
              description: 'The file',
              content: { 'text/markdown': { schema: { type: 'string' } } },
            },
            304: { description: 'You have it already' },
          },
        },
      },
      async (request, reply) => {
        const { userId } = callerOf(request)
        const { article_id: articleId } = request.params
        return sendResearch(deps, request, reply, { userId, articleId })
      },
    )
  }
