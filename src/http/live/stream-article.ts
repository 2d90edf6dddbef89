import type { FastifyReply, FastifyRequest } from 'fastify'
import { loadArticle } from '../../commands/articles/article-stream.ts'
import { Refusal } from '../../errors.ts'
import { articleStream } from '../../events/articles/article-events.ts'
import { articleView } from '../routes/articles/article-view.ts'
import type { HttpDeps } from '../server/http-deps.ts'
import { statusOfKind } from '../server/refusal-status.ts'
import { heartbeatMs, streamEvents } from './event-streams.ts'

/** Sends the article at once and after every change: `event: article`, data as GET /articles/{id}. */
export async function streamArticle(
  deps: Pick<HttpDeps, 'store'>,
  request: FastifyRequest,
  reply: FastifyReply,
  of: {
    userId: string
    articleId: string
    /** Asked before more is sent: throws when the one who watches no longer may. */
    stays?: () => Promise<void>
  },
): Promise<void> {
  // Looked up before the stream begins, so that an unknown article is still an ordinary 404.
  let { article, version } = await loadArticle(deps.store, of.userId, of.articleId)
  const stream = { userId: of.userId, streamId: articleStream(article.articleId) }
  await streamEvents(request, reply, of.userId, async ({ signal, send, heartbeat }) => {
    send('article', articleView(article, version))
    while (!signal.aborted) {
      await deps.store.waitForChange(stream, version, { timeoutMs: heartbeatMs, signal })
      if (signal.aborted) return
      if (!(await mayStay(of.stays))) return
      const next = await loadArticle(deps.store, of.userId, of.articleId)
      if (next.version === version) heartbeat()
      else send('article', articleView(next.article, next.version))
      ;({ article, version } = next)
    }
  })
}

async function mayStay(stays: (() => Promise<void>) | undefined): Promise<boolean> {
  try {
    await stays?.()
    return true
  } catch (error) {
    if (error instanceof Refusal && statusOfKind[error.kind] < 500) return false
    throw error
  }
}
