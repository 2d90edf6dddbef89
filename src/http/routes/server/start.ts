import type { FastifyPluginAsync } from 'fastify'
import { localUserId } from '../../../commands/people/identity.ts'
import { Refusal } from '../../../errors.ts'
import { listArticles } from '../../../projections/articles/articles.ts'
import { startPage } from '../../pages/start-page.ts'
import { callerOf, type HttpContext } from '../../server/http-context.ts'
import { readGuidelineUpload } from '../../uploads/read-guideline-upload.ts'
import { createCounted } from '../articles/create-counted.ts'

const shownMax = 20

/** The page where a person starts: how to connect and, on a local server, a form and the articles. */
export const startRoutes =
  (context: HttpContext): FastifyPluginAsync =>
  async (app) => {
    const { deps, auth, base } = context
    const isLocal = auth.mode === 'local'
    app.get(
      '/',
      { config: { access: 'public' }, schema: { hide: true } },
      async (_request, reply) => {
        const articles = isLocal
          ? await listArticles(deps.reader, localUserId, { limit: shownMax })
          : null
        const mcpUrl = `${deps.links.serverUrl()}/mcp`
        const page = startPage(base(), {
          mcpUrl,
          mode: auth.mode,
          articles,
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
