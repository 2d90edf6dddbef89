import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { loadArticle } from '../../../commands/articles/article-stream.ts'
import {
  localFileBytesMax,
  missingFiles,
  uploadLocalFiles,
} from '../../../commands/articles/upload-local-files.ts'
import { callerOf, type HttpContext } from '../../server/http-context.ts'
import { documentOnly, type ZodTypes } from '../../server/zod-schemas.ts'
import { bytesOfUpload, readFileUpload } from '../../uploads/read-upload.ts'
import { articleParams } from '../articles/get-article.ts'

const bytesMax = localFileBytesMax * 5

const body = documentOnly(
  z.object({
    files: z
      .array(z.string().meta({ format: 'binary' }))
      .describe('All in one request, any field name.'),
  }),
)

const answer = z.object({
  article_id: z.uuid(),
  files: z.array(z.object({ name: z.string(), size: z.number().int() })),
  missing_files: z.array(z.string()),
})

/** POST /articles/{id}/files: several files at once, all or none. */
export const uploadFilesRoute =
  ({ deps, bodies }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    app.withTypeProvider<ZodTypes>().post(
      '/articles/:article_id/files',
      {
        config: { access: 'nova:write', holdsBody: true },
        schema: {
          tags: ['articles'],
          summary: 'Upload local files of an article; a file of the same name is replaced',
          consumes: ['multipart/form-data'],
          params: articleParams,
          body,
          response: { 200: answer },
        },
      },
      async (request) => {
        const caller = callerOf(request)
        const { article_id: articleId } = request.params
        // Before the body is read: an upload for an unknown article is refused before it is sent.
        await loadArticle(deps.store, caller.userId, articleId)
        using _room = await bodies.hold(caller.userId, bytesOfUpload(request, bytesMax))
        const files = await readFileUpload(request, bytesMax)
        const uploaded = await uploadLocalFiles(deps, caller, { articleId, files })
        const { article } = uploaded
        return {
          article_id: article.articleId,
          files: uploaded.files,
          missing_files: missingFiles(article),
        }
      },
    )
  }
