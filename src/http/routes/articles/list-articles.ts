import type { FastifyPluginAsync } from 'fastify'
import { z } from 'zod'
import { Refusal } from '../../../errors.ts'
import { articleStatuses } from '../../../events/articles/article-status.ts'
import { storableText, storableTime } from '../../../events/storable.ts'
import { type ArticleRow, listArticles } from '../../../projections/articles/articles.ts'
import type { TenantReader } from '../../../store/database/tenant.ts'
import { callerOf, type HttpContext } from '../../server/http-context.ts'
import type { ZodTypes } from '../../server/zod-schemas.ts'

const querystring = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(300).optional().describe('The next_cursor of an earlier answer.'),
  q: z
    .string()
    .max(200)
    .transform(storableText)
    .optional()
    .describe('Words of the title, as they stand in it.'),
  status: z.enum(articleStatuses).optional(),
  archived: z.enum(['true', 'false']).optional().describe('Only those that are, or are not.'),
})

export type ArticleQuerystring = z.infer<typeof querystring>

const listed = z.object({
  article_id: z.uuid(),
  title: z.string(),
  status: z.enum(articleStatuses),
  rounds: z.number().int(),
  sources: z.object({
    scraped: z.number().int(),
    failed: z.number().int(),
    pending: z.number().int(),
  }),
  research_size: z.number().int().nullable(),
  archived: z.boolean(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
})

const cursorShape = z.tuple([storableTime(), z.uuid()])

/** GET /articles: the caller's own, newest first. */
export const listArticlesRoute =
  ({ deps }: HttpContext): FastifyPluginAsync =>
  async (app) => {
    app.withTypeProvider<ZodTypes>().get(
      '/articles',
      {
        config: { access: 'nova:read' },
        schema: {
          tags: ['articles'],
          summary: 'List your articles, newest first',
          querystring,
          response: {
            200: z.object({ articles: z.array(listed), next_cursor: z.string().nullable() }),
          },
        },
      },
      async (request) => {
        const { articles, next } = await pageOfArticles(
          deps.reader,
          callerOf(request).userId,
          request.query,
        )
        return { articles: articles.map(listedArticle), next_cursor: next }
      },
    )
  }

/** A page of the user's articles, and the cursor of the next one. Throws CURSOR_INVALID. */
export async function pageOfArticles(
  reader: TenantReader,
  userId: string,
  { limit, cursor, q, status, archived }: ArticleQuerystring,
): Promise<{ articles: ArticleRow[]; next: string | null }> {
  const rows = await listArticles(reader, userId, {
    limit: limit + 1,
    before: cursor ? parseCursor(cursor) : undefined,
    text: q || undefined,
    status,
    archived: archived && archived === 'true',
  })
  const articles = rows.slice(0, limit)
  const last = rows.length > limit ? articles.at(-1) : undefined
  return { articles, next: last ? cursorAfter(last) : null }
}

const listedArticle = (row: ArticleRow): z.infer<typeof listed> => ({
  article_id: row.article_id,
  title: row.title,
  status: row.status,
  rounds: row.rounds,
  sources: {
    scraped: row.sources.scraped,
    failed: row.sources.failed,
    pending: row.sources.pending,
  },
  research_size: row.research_size,
  archived: row.archived_at !== null,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
})

const cursorAfter = (row: ArticleRow): string =>
  Buffer.from(JSON.stringify([row.created_at.toISOString(), row.article_id])).toString('base64url')

function parseCursor(cursor: string): { createdAt: string; articleId: string } {
  try {
    const text = Buffer.from(cursor, 'base64url').toString('utf8')
    const [createdAt, articleId] = cursorShape.parse(JSON.parse(text))
    return { createdAt, articleId }
  } catch (cause) {
    throw new Refusal('CURSOR_INVALID', {}, { cause })
  }
}
