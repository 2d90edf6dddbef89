import type { FastifyPluginAsync } from 'fastify'
import { callerOf, type HttpContext } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'
import { articleParams } from './get-article.ts'
import { sendResearch } from './send-research.ts'

const files = [
  {
    file: 'research.md',
    type: 'text/markdown',
    summary: 'The compiled research.md; send If-None-Match to be answered 304',
  },
  {
    file: 'research.json',
    type: 'application/json',
    summary: 'The evidence for research.md: every source with times, hashes, events and decision',
  },
] as const

/** GET /articles/{id}/research.md and research.json, with ETag. */
export const articleResearchRoute =
  ({ deps }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    for (const { file, type, summary } of files) {
      app.withTypeProvider<ZodTypes>().get(
        `/articles/:article_id/${file}`,
        {
          config: { access: 'nova:read' },
          schema: {
            tags: ['articles'],
            summary,
            params: articleParams,
            response: {
              200: {
                description: 'The file',
                content: { [type]: { schema: { type: 'string' } } },
              },
              304: { description: 'You have it already' },
            },
          },
        },
        async (request, reply) => {
          const { userId } = callerOf(request)
          const { article_id: articleId } = request.params
          return sendResearch(deps, request, reply, { userId, articleId, file })
        },
      )
    }
  }
