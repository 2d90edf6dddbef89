import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { loadArticle } from '../../commands/article-stream.ts'
import { type PreparedLink, prepareLink } from '../../commands/grant-link.ts'
import type { Caller } from '../../commands/handle.ts'
import { type LinkClaims, verifyLink } from '../../commands/link-token.ts'
import { localFilesMax, missingFiles, uploadLocalFiles } from '../../commands/upload-local-files.ts'
import { checkLinkUnused, throughLink } from '../../commands/use-link.ts'
import { Refusal } from '../../errors.ts'
import { createAndList } from '../create-and-list.ts'
import { type HttpContext, linkCallerOf } from '../http-context.ts'
import { uploadPage } from '../pages/upload-page.ts'
import { type Uploaded, uploadedPage } from '../pages/uploaded-page.ts'
import { readFileUpload } from '../read-file-upload.ts'
import { readGuidelineUpload } from '../read-guideline-upload.ts'
import { wantsHtml } from '../wants-html.ts'
import type { ZodTypes } from '../zod-schemas.ts'

const params = z.object({ token: z.string().max(2000) })

/** The upload page behind a link: no login, one use, and nothing to see but what the link is for. */
export const uploadRoutes =
  (context: HttpContext): FastifyPluginAsync =>
  async (app) => {
    const { deps, base } = context
    const routes = app.withTypeProvider<ZodTypes>()
    const options = { config: { access: 'link' }, schema: { params, hide: true } } as const

    const openLink = async (request: FastifyRequest, token: string) => {
      const purposes = ['upload_guideline', 'upload_files'] as const
      const claims = verifyLink(deps.links.keys, token, deps.now(), purposes)
      const caller = linkCallerOf(request, claims.userId)
      await checkLinkUnused(deps, caller, { linkId: claims.linkId })
      return { claims, caller }
    }

    routes.get('/upload/:token', options, async (request, reply) => {
      const { claims } = await openLink(request, request.params.token)
      const article =
        claims.purpose === 'upload_files'
          ? (await loadArticle(deps.store, claims.userId, claims.articleId)).article
          : null
      const page = uploadPage(base(), {
        article: article && { title: article.title, ...fileNames(article) },
        expiresAt: claims.expiresAt,
        filesMax: localFilesMax,
      })
      return reply.type('text/html; charset=utf-8').send(page.toString())
    })

    routes.post('/upload/:token', options, async (request, reply) => {
      const { claims, caller } = await openLink(request, request.params.token)
      // Before the upload is stored: what comes after must not be able to fail.
      const watch = prepareLink(deps, caller, { purpose: 'watch', articleId: claims.articleId })
      const uploaded = await takeUpload(context, request, { claims, caller, watch })
      reply.code(201)
      if (!wantsHtml(request)) {
        return reply.send({ ...uploaded, watch_url: watch.url, expires_at: watch.expiresAt })
      }
      const watchPath = new URL(watch.url).pathname
      return reply
        .type('text/html; charset=utf-8')
        .send(uploadedPage(base(), uploaded, watchPath).toString())
    })
  }

/** Reads and checks everything; then the upload is stored, the link used up and the next one issued, as one. */
async function takeUpload(
  { deps }: HttpContext,
  request: FastifyRequest,
  { claims, caller, watch }: { claims: LinkClaims; caller: Caller; watch: PreparedLink },
): Promise<Uploaded> {
  const { articleId, linkId } = claims
  const use = { linkId, granted: [watch.issued] }
  if (claims.purpose === 'upload_guideline') {
    const { guideline, title } = await readGuidelineUpload(request)
    const article = { articleId, guideline, ...(title && { title }) }
    const created = await throughLink(deps, caller, use, (linked) =>
      createAndList(linked, caller, article),
    )
    return { article_id: created.articleId, title: created.title, files: null, missing_files: [] }
  }
  const before = await loadArticle(deps.store, claims.userId, articleId)
  if (before.article.archived) throw new Refusal('ARTICLE_ARCHIVED')
  const sent = await readFileUpload(request, claims.bytesMax)
  const { article, files } = await throughLink(deps, caller, use, (linked) =>
    uploadLocalFiles(linked, caller, { articleId, files: sent }),
  )
  return {
    article_id: article.articleId,
    title: article.title,
    files,
    missing_files: missingFiles(article),
  }
}

function fileNames(article: Awaited<ReturnType<typeof loadArticle>>['article']) {
  const uploaded = [...article.sources.values()]
    .filter((source) => source.origin === 'file')
    .map((source) => source.url)
  return { expected: article.expectedFiles, missing: missingFiles(article), uploaded }
}
