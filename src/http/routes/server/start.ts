import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { localUserId } from '../../../commands/people/identity.ts'
import { Refusal } from '../../../errors.ts'
import { articleStatuses } from '../../../events/articles/article-status.ts'
import { storableText } from '../../../events/storable.ts'
import { startPage } from '../../pages/start-page.ts'
import { callerOf, type HttpContext } from '../../server/http-context.ts'
import { readGuidelineUpload } from '../../uploads/read-guideline-upload.ts'
import { createCounted } from '../articles/create-counted.ts'
import { pageOfArticles } from '../articles/list-articles.ts'

const shownMax = 20

/** What the form of the page sends. What it never sends counts as not sent, so that no address is a dead end. */
const startQuery = z.object({
  cursor: z.string().max(300).optional().catch(undefined),
  q: z.string().max(200).transform(storableText).optional().catch(undefined),
  status: z.enum(articleStatuses).optional().catch(undefined),
  archived: z.enum(['true', 'false']).optional().catch(undefined),
})

/** The page where a person starts: how to connect and, on a local server, a form and the articles. */
export const startRoutes =
  (context: HttpContext): FastifyPluginAsync =>
  async (app) => {
    const { deps, auth, base } = context
    const isLocal = auth.mode === 'local'
    app.get(
      '/',
      { config: { access: 'public' }, schema: { hide: true } },
      async (request, reply) => {
        const search = startQuery.parse(request.query)
        const found = isLocal
          ? await pageOfArticles(deps.reader, localUserId, { ...search, limit: shownMax })
          : null
        const mcpUrl = `${deps.links.serverUrl()}/mcp`
        const page = startPage(base(), {
          mcpUrl,
          mode: auth.mode,
          articles: found && { ...found, search },
          articleId: deps.newId(),
        })
        return reply.type('text/html; charset=utf-8').send(page.toString())
      },
    )
    app.post(
      '/',
      { config: { access: 'nova:write' }, schema: { hide: true } },
      async (request, reply) => {
        // With authentication a browser has no token to send, so the form is not there either.
        if (!isLocal) throw new Refusal('ROUTE_NOT_FOUND')
        const upload = await readGuidelineUpload(request)
        const caller = callerOf(request)
        const { articleId, ...given } = upload
        const created = await createCounted(deps, caller, upload).catch((error: unknown) => {
          // Another guideline, from a page that the browser had kept.
          const isTaken = error instanceof Refusal && error.code === 'ARTICLE_EXISTS'
          if (isTaken) return createCounted(deps, caller, given)
          throw error
        })
        return reply.redirect(`${base()}/articles/${created.articleId}`, 303)
      },
    )
  }
