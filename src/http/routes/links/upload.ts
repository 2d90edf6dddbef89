import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { loadArticle } from '../../../commands/articles/article-stream.ts'
import {
  filesOfUpload,
  localFilesMax,
  missingFiles,
  uploadLocalFiles,
} from '../../../commands/articles/upload-local-files.ts'
import type { Caller } from '../../../commands/handle.ts'
import { type PreparedLink, prepareLink } from '../../../commands/links/grant-link.ts'
import type { LinkClaims } from '../../../commands/links/link-token.ts'
import { openLink } from '../../../commands/links/revoke-links.ts'
import {
  checkLinkUnused,
  isUsedBy,
  recordIssue,
  throughLink,
} from '../../../commands/links/use-link.ts'
import { Refusal } from '../../../errors.ts'
import { uploadPage } from '../../pages/upload-page.ts'
import { type Uploaded, uploadedPage } from '../../pages/uploaded-page.ts'
import { type HttpContext, linkCallerOf, wantsHtml } from '../../server/http-context.ts'
import type { HttpDeps } from '../../server/http-deps.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'
import { readGuidelineUpload } from '../../uploads/read-guideline-upload.ts'
import { bytesOfUpload, readFileUpload } from '../../uploads/read-upload.ts'
import { createAndList } from '../articles/create-and-list.ts'
import { createLinkTurns, isLinkUsed, type LinkTurns } from './link-turns.ts'

const params = z.object({ token: z.string().max(2000) })

/** The upload page behind a link: no login, one use, and nothing to see but what the link is for. */
export const uploadRoutes =
  (context: HttpContext): FastifyPluginAsync =>
  async (app) => {
    const { deps, base, bodies } = context
    const turns = createLinkTurns()
    const routes = app.withTypeProvider<ZodTypes>()
    const options = { config: { access: 'link' }, schema: { params, hide: true } } as const

    const open = async (request: FastifyRequest, token: string): Promise<OpenedLink> => {
      const purposes = ['upload_guideline', 'upload_files'] as const
      const claims = await openLink(deps, token, purposes)
      const uploadId = uploadIdOf(request)
      const caller = linkCallerOf(request, claims.userId)
      const metadata = { ...caller.metadata, ...(uploadId && { correlation_id: uploadId }) }
      return { claims, caller: { ...caller, metadata }, uploadId }
    }

    routes.get('/upload/:token', options, async (request, reply) => {
      const { claims, caller } = await open(request, request.params.token)
      await checkLinkUnused(deps, caller, claims)
      const article =
        claims.purpose === 'upload_files'
          ? (await loadArticle(deps.store, claims.userId, claims.articleId)).article
          : null
      const page = uploadPage(base(), {
        article: article && { title: article.title, ...fileNames(article) },
        expiresAt: claims.expiresAt,
        filesMax: localFilesMax,
        uploadId: deps.newId(),
      })
      return reply.type('text/html; charset=utf-8').send(page.toString())
    })

    routes.post('/upload/:token', options, async (request, reply) => {
      const link = await open(request, request.params.token)
      // Before the upload is stored: what comes after must not be able to fail.
      const of = { articleId: link.claims.articleId, within: link.claims }
      using _room = await bodies.hold(
        link.claims.userId,
        bytesOfUpload(request, link.claims.bytesMax),
      )
      const watch = await prepareLink(deps, link.caller, { purpose: 'watch', ...of })
      const { uploaded, isRepeated } = await takeOnce(deps, request, { ...link, watch, turns })
      reply.code(isRepeated ? 200 : 201)
      if (!wantsHtml(request)) {
        return reply.send({ ...uploaded, watch_url: watch.url, expires_at: watch.expiresAt })
      }
      const watchPath = new URL(watch.url).pathname
      return reply
        .type('text/html; charset=utf-8')
        .send(uploadedPage(base(), uploaded, watchPath).toString())
    })
  }

interface OpenedLink {
  claims: LinkClaims
  caller: Caller
  uploadId: string | null
}

interface LinkInUse extends OpenedLink {
  /** Given away with the answer. */
  watch: PreparedLink
  turns: LinkTurns
}

/** What the page's form, or a script, names an upload by, so that it can be sent again. */
function uploadIdOf({ query, headers }: FastifyRequest): string | null {
  const id = (query as { upload?: unknown }).upload ?? headers['idempotency-key']
  return typeof id === 'string' && /^[\w-]{8,64}$/.test(id) ? id : null
}

/** Takes the upload; one that was taken before, and is sent again by its sender, is answered as it was. */
async function takeOnce(
  deps: HttpDeps,
  request: FastifyRequest,
  link: LinkInUse,
): Promise<{ uploaded: Uploaded; isRepeated: boolean }> {
  const { claims, caller, turns, watch } = link
  try {
    await turns.look(claims.linkId, () => checkOpen(deps, claims, caller))
    return { uploaded: await takeUpload(deps, request, link), isRepeated: false }
  } catch (error) {
    if (!isLinkUsed(error) || !link.uploadId) throw error
    const uploaded = await takenBefore(deps, link, link.uploadId)
    if (!uploaded) throw error
    await recordIssue(deps, caller, watch.issued)
    return { uploaded, isRepeated: true }
  }
}

/** Before the body is read, so that no upload is sent in vain: the link must be unused, its article take files. */
async function checkOpen(deps: HttpDeps, claims: LinkClaims, caller: Caller): Promise<void> {
  await checkLinkUnused(deps, caller, claims)
  if (claims.purpose === 'upload_guideline') return
  const { article } = await loadArticle(deps.store, claims.userId, claims.articleId)
  if (article.archived) throw new Refusal('ARTICLE_ARCHIVED')
}

/** What the upload brought when it came the first time, or null when another one used the link up. */
async function takenBefore(
  deps: HttpDeps,
  { claims }: OpenedLink,
  uploadId: string,
): Promise<Uploaded | null> {
  const { linkId, articleId, userId, purpose } = claims
  if (!(await isUsedBy(deps, userId, { linkId, uploadId }))) return null
  const { article } = await loadArticle(deps.store, userId, articleId)
  const isGuideline = purpose === 'upload_guideline'
  return {
    article_id: article.articleId,
    title: article.title,
    files: isGuideline ? null : await filesOfUpload(deps, userId, { articleId, uploadId }),
    missing_files: isGuideline ? [] : missingFiles(article),
  }
}

/** Reads and checks everything; then the upload is stored, the link used up and the next one issued, as one. */
async function takeUpload(
  deps: HttpDeps,
  request: FastifyRequest,
  { claims, caller, turns, watch }: LinkInUse,
): Promise<Uploaded> {
  const { articleId, linkId } = claims
  const use = { ...claims, granted: [watch.issued] }
  if (claims.purpose === 'upload_guideline') {
    const { guideline, title } = await readGuidelineUpload(request)
    const article = { articleId, guideline, ...(title && { title }) }
    const created = await turns.use(linkId, () =>
      throughLink(deps, caller, use, (linked) => createAndList(linked, caller, article)),
    )
    return { article_id: created.articleId, title: created.title, files: null, missing_files: [] }
  }
  const sent = await readFileUpload(request, claims.bytesMax)
  const { article, files } = await turns.use(linkId, () =>
    throughLink(deps, caller, use, (linked) =>
      uploadLocalFiles(linked, caller, { articleId, files: sent }),
    ),
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
