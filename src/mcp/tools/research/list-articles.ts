import { z } from 'zod'
import { articleStatuses } from '../../../events/articles/article-status.ts'
import { storableTime } from '../../../events/storable.ts'
import { listRecentFiles } from '../../../projections/articles/article-sources.ts'
import {
  type ArticleRow,
  listArticles as listArticleRows,
} from '../../../projections/articles/articles.ts'
import { visibleLine } from '../../../visible-text.ts'
import { nextLine, nextStepSchema } from '../../protocol/answer-parts.ts'
import { cursor } from '../../protocol/arguments.ts'
import { decodeCursor, encodeCursor } from '../../protocol/cursor.ts'
import { defineTool } from '../../protocol/define-tool.ts'

const article = z.object({
  article_id: z.string(),
  title: z.string(),
  status: z.enum(articleStatuses),
  created_at: z.string(),
  sources: z.object({ scraped: z.int(), failed: z.int(), pending: z.int() }),
  compiled: z.boolean(),
  archived: z.boolean(),
  guideline_sha256: z.string().describe('To find the article of a guideline again.'),
})

const file = z.object({
  article_id: z.string(),
  name: z.string(),
  size: z.int(),
  uploaded_at: z.string(),
})

const output = z.object({
  articles: z.array(article),
  recent_files: z.array(file).describe('The latest uploads, on the first page.'),
  next_cursor: z.string().nullable(),
  next_step: nextStepSchema(),
})

const place = z.object({ createdAt: storableTime(), articleId: z.uuid() })
const recentFilesShown = 5

/** The caller's articles, newest first. */
export const listArticles = defineTool({
  name: 'list_articles',
  title: 'List your articles',
  description:
    'List your articles, newest first, with status and counts, and your latest uploaded files. Use it to find an article_id.',
  input: z.strictObject({ limit: z.int().min(1).max(50).default(20), cursor: cursor() }),
  output,
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  scope: 'nova:read',
  async run(args, { deps, caller }) {
    const before = args.cursor ? decodeCursor(args.cursor, place) : undefined
    // One more than asked for tells whether there is a next page.
    const rows = await listArticleRows(deps.reader, caller.userId, {
      limit: args.limit + 1,
      ...(before ? { before } : {}),
    })
    const files = before ? [] : await listRecentFiles(deps.reader, caller.userId, recentFilesShown)
    const page = rows.slice(0, args.limit)
    const last = page.at(-1)
    const structured = {
      articles: page.map(articleView),
      recent_files: files.map((row) => ({
        article_id: row.article_id,
        name: row.name,
        size: row.size,
        uploaded_at: row.uploaded_at.toISOString(),
      })),
      next_cursor:
        last && rows.length > page.length
          ? encodeCursor({ createdAt: last.created_at.toISOString(), articleId: last.article_id })
          : null,
      next_step: page.length
        ? { tool: 'get_article', why: 'It says what to do next with an article.' }
        : { tool: 'create_article', why: 'There is no article here yet.' },
    }
    return { structured, text: textOf(structured) }
  },
})

export const articleView = (row: ArticleRow): z.infer<typeof article> => ({
  article_id: row.article_id,
  title: visibleLine(row.title, 200),
  status: row.status,
  created_at: row.created_at.toISOString(),
  sources: {
    scraped: row.sources.scraped,
    failed: row.sources.failed,
    pending: row.sources.pending,
  },
  compiled: row.research_sha256 !== null,
  archived: row.archived_at !== null,
  guideline_sha256: row.guideline_sha256,
})

function textOf(answer: z.infer<typeof output>): string {
  return [
    ...answer.articles.map(
      (row) =>
        `${row.article_id} ${row.title} (${row.status}; ${row.sources.scraped} sources read, ${row.sources.failed} failed${row.compiled ? '; research.md ready' : ''}${row.archived ? '; archived' : ''})`,
    ),
    ...(answer.recent_files.length ? ['Latest files:'] : []),
    ...answer.recent_files.map(
      (row) => `${row.name}, ${row.size} bytes, article ${row.article_id}`,
    ),
    ...(answer.next_cursor ? [`More: cursor ${answer.next_cursor}`] : []),
    nextLine(answer.next_step),
  ].join('\n')
}
