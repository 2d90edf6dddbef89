import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { eraseArticle } from '../../../commands/articles/erase-article.ts'
import { callerOf, type HttpContext } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'
import { articleParams } from './get-article.ts'

/** DELETE /articles/{id}: the caller's own article, for good. */
export const eraseArticleRoute =
  ({ deps }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    app.withTypeProvider<ZodTypes>().delete(
      '/articles/:article_id',
      {
        config: { access: 'nova:write' },
        schema: {
          tags: ['articles'],
          summary: 'Erase an article: its texts and personal data, for good',
          params: articleParams,
          response: {
            200: z.object({
              erased_events: z.number().int().describe('That they happened stays on record.'),
              removed_bodies: z
                .number()
                .int()
                .describe('Bodies stored in the last minutes follow within a quarter of an hour.'),
            }),
          },
        },
      },
      async (request) => {
        const command = { articleId: request.params.article_id }
        const erased = await eraseArticle(deps, callerOf(request), command)
        await deps.projections.waitFor(['articles', 'article_sources'], erased.position)
        return { erased_events: erased.events, removed_bodies: erased.contents }
      },
    )
  }
