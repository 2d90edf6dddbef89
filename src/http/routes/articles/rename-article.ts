import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { renameArticle } from '../../../commands/articles/rename-article.ts'
import { callerOf, type HttpContext } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'
import { articleView, articleViewSchema } from './article-view.ts'
import { articleParams } from './get-article.ts'

const body = z.strictObject({ title: z.string().trim().min(1).max(300) })

/** PATCH /articles/{id}: its title is what can be changed. */
export const renameArticleRoute =
  ({ deps }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    app.withTypeProvider<ZodTypes>().patch(
      '/articles/:article_id',
      {
        config: { access: 'nova:write' },
        schema: {
          tags: ['articles'],
          summary: 'Give an article another title; compile again to have it in research.md',
          params: articleParams,
          body,
          response: { 200: articleViewSchema },
        },
      },
      async (request) => {
        const command = { articleId: request.params.article_id, title: request.body.title }
        const { article, version, appended } = await renameArticle(deps, callerOf(request), command)
        if (appended) await deps.projections.waitFor(['articles'], appended.position)
        return articleView(article, version)
      },
    )
  }
