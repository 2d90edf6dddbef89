import type { FastifyReply, FastifyRequest } from 'fastify'
import { loadArticle } from '../../../commands/articles/article-stream.ts'
import { Refusal } from '../../../errors.ts'
import { attachmentNamed, researchFileName } from '../../server/content-disposition.ts'
import type { HttpDeps } from '../../server/http-deps.ts'

/** Sends research.md as a file; its hash is the ETag, so a client that has it gets 304 and no body. */
export async function sendResearch(
  deps: Pick<HttpDeps, 'store' | 'contents'>,
  request: FastifyRequest,
  reply: FastifyReply,
  of: {
    userId: string
    articleId: string
    /** Done before a body is sent, and not for an answer without one. */
    onSend?: () => Promise<void>
  },
): Promise<FastifyReply> {
  const { article } = await loadArticle(deps.store, of.userId, of.articleId)
  if (!article.compiled) throw new Refusal('RESEARCH_NOT_COMPILED')
  const { sha256 } = article.compiled.research
  const etag = `"${sha256}"`
  reply.headers({ etag, 'cache-control': 'private, no-cache' })
  if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send()
  const body = await deps.contents.get(of.userId, sha256)
  await of.onSend?.()
  return reply
    .headers({
      'content-disposition': attachmentNamed(researchFileName(article.title)),
      // Opened in a browser after all, it is text and can do nothing.
      'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    })
    .type('text/markdown; charset=utf-8')
    .send(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
}

function matches(header: string | undefined, etag: string): boolean {
  if (!header) return false
  const given = header.split(',').map((value) => value.trim().replace(/^W\//, ''))
  return given.includes('*') || given.includes(etag)
}
