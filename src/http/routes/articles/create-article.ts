import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { readGuideline } from '../../../sources/guideline/guideline-text.ts'
import { callerOf, type HttpContext } from '../../server/http-context.ts'
import { argumentInvalid, documentOnly } from '../../server/zod-schemas.ts'
import { type GuidelineUpload, readGuidelineUpload } from '../../uploads/read-guideline-upload.ts'
import { articleView, articleViewSchema } from './article-view.ts'
import { createCounted } from './create-counted.ts'

const jsonBody = documentOnly(
  z.strictObject({
    guideline: z.string().min(1).describe('The article guideline, Markdown.'),
    title: z.string().trim().min(1).max(300).optional(),
    article_id: z
      .uuid()
      .optional()
      .describe('Chosen by you to make a retry safe: the same id and guideline add nothing.'),
  }),
)

const documented = {
  tags: ['articles'],
  summary: 'Create an article from a guideline',
  description:
    'Takes JSON, a multipart form (file or field `guideline`, fields `title`, `article_id`) or the ' +
    'guideline itself as text/markdown. A retry with the same article_id and guideline answers 200. ' +
    'It counts as a call of create_article.',
  consumes: ['application/json', 'multipart/form-data', 'text/markdown', 'text/plain'],
  response: { 200: articleViewSchema, 201: articleViewSchema },
}

/** POST /articles; the three forms of its body are parsed here. */
export const createArticleRoute =
  ({ deps, base }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    app.post(
      '/articles',
      {
        config: { access: 'nova:write' },
        schema: { ...documented, body: jsonBody },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        const created = await createCounted(deps, caller, await readBody(request))
        reply.header('location', `${base()}/articles/${created.articleId}`)
        return reply
          .code(created.created ? 201 : 200)
          .send(articleView(created.article, created.version))
      },
    )
  }

async function readBody(request: FastifyRequest): Promise<GuidelineUpload> {
  const { body } = request
  const isJson = request.headers['content-type']?.startsWith('application/json')
  if (!isJson) return readGuidelineUpload(request)
  const parsed = jsonBody.safeParse(body)
  if (!parsed.success) throw argumentInvalid(parsed.error)
  const { guideline, title, article_id: articleId } = parsed.data
  return {
    guideline: { text: readGuideline(Buffer.from(guideline)) },
    ...(title && { title }),
    ...(articleId && { articleId }),
  }
}
