import type { FastifyReply, FastifyRequest } from 'fastify'
import { loadArticle } from '../../../commands/articles/article-stream.ts'
import { Refusal } from '../../../errors.ts'
import { clipGraphemes, visibleLine } from '../../../visible-text.ts'
import type { HttpDeps } from '../../server/http-deps.ts'

/** Sends research.md, or its evidence, as a file; its hash is the ETag, so a client that has it gets 304 and no body. */
export async function sendResearch(
  deps: Pick<HttpDeps, 'store' | 'contents'>,
  request: FastifyRequest,
  reply: FastifyReply,
  of: {
    userId: string
    articleId: string
    /** Default: research.md. */
    file?: 'research.md' | 'research.json'
    /** Done before a body is sent, and not for an answer without one. */
    onSend?: () => Promise<void>
  },
): Promise<FastifyReply> {
  const { article } = await loadArticle(deps.store, of.userId, of.articleId)
  const isEvidence = of.file === 'research.json'
  const ref = isEvidence ? article.compiled?.evidence : article.compiled?.research
  if (!ref) throw new Refusal('RESEARCH_NOT_COMPILED')
  const { sha256 } = ref
  const etag = `"${sha256}"`
  reply.headers({ etag, 'cache-control': 'private, no-cache' })
  if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send()
  const body = await deps.contents.get(of.userId, sha256)
  await of.onSend?.()
  return reply
    .headers({
      'content-disposition': attachmentNamed(
        researchFileName(article.title, isEvidence ? 'json' : 'md'),
      ),
      // Opened in a browser after all, it is text and can do nothing.
      'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    })
    .type(isEvidence ? 'application/json; charset=utf-8' : 'text/markdown; charset=utf-8')
    .send(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
}

function matches(header: string | undefined, etag: string): boolean {
  if (!header) return false
  const given = header.split(',').map((value) => value.trim().replace(/^W\//, ''))
  return given.includes('*') || given.includes(etag)
}

/**
 * A header that offers the answer as a file. The name is data: quotes, line ends and path separators
 * cannot get out of it, and names beyond ASCII travel as RFC 8187 says.
 */
function attachmentNamed(name: string): string {
  const plain = visibleLine(name)
    .replace(/[^A-Za-z0-9._ -]/g, '_')
    .slice(0, 120)
  const encoded = encodeURIComponent(clipGraphemes(visibleLine(name), 120)).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}

/** What an article's research.md is called on disk. */
function researchFileName(title: string, ending: 'md' | 'json'): string {
  const words =
    visibleLine(title)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  const stem = clipGraphemes(words.join('-'), 60).replace(/-+$/, '')
  return stem ? `${stem}.research.${ending}` : `research.${ending}`
}
