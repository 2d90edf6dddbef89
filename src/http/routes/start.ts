import type { FastifyPluginAsync } from 'fastify'
import { Refusal } from '../../errors.ts'
import { listArticles } from '../../projections/articles.ts'
import { createCounted } from '../create-counted.ts'
import { callerOf, type HttpContext } from '../http-context.ts'
import { localUserId } from '../identity.ts'
import { startPage } from '../pages/start-page.ts'
import { readGuidelineUpload } from '../read-guideline-upload.ts'

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
        const page = startPage(base(), { mcpUrl, mode: auth.mode, articles })
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
        const { articleId } = await createCounted(deps, callerOf(request), {
          guideline: upload.guideline,
          ...(upload.title && { title: upload.title }),
        })
        return reply.redirect(`${base()}/articles/${articleId}`, 303)
      },
    )
  }
