import { z } from 'zod'
import { loadArticle } from '../../../commands/articles/article-stream.ts'
import { openOperations } from '../../../events/articles/article-operations.ts'
import { articleStatuses } from '../../../events/articles/article-status.ts'
import { nextStep } from '../../../events/articles/next-step.ts'
import { visibleLine } from '../../../visible-text.ts'
import {
  missingFilesOf,
  nextLine,
  nextStepSchema,
  sourceLine,
  sourceSchema,
  sourceView,
  untrusted,
} from '../../protocol/answer-parts.ts'
import { articleId, cursor } from '../../protocol/arguments.ts'
import { decodeCursor, encodeCursor } from '../../protocol/cursor.ts'
import { defineTool } from '../../protocol/define-tool.ts'

const output = z.object({
  article_id: z.string(),
  title: z.string(),
  status: z.enum(articleStatuses),
  rounds: z.int(),
  created_at: z.string(),
  archived: z.boolean(),
  missing_files: z.array(z.string()),
  queries: z.array(
    z.object({ number: z.int(), round: z.int(), query: z.string(), state: z.string() }),
  ),
  sources_total: z.int(),
  sources: z.array(sourceSchema()),
  research: z.object({ size: z.int(), sha256: z.string(), compiled_at: z.string() }).nullable(),
  running: z.array(z.object({ operation_id: z.string(), tool: z.string() })),
  next_cursor: z.string().nullable(),
  next_step: nextStepSchema(),
})

const place = z.object({ after: z.int().min(0) })
const queriesShown = 60

/** Where an article stands, from its own events and so never behind. */
export const getArticle = defineTool({
  name: 'get_article',
  title: 'See where an article stands',
  description:
    'See the state of one article: status, missing files, queries, running operations, and every source with its state and decision, page by page. Call it whenever you are unsure what to do next.',
  input: z.strictObject({
    article_id: articleId(),
    limit: z.int().min(1).max(80).default(50).describe('Sources per page.'),
    cursor: cursor(),
  }),
  output,
  hints: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  scope: 'nova:read',
  async run(args, { deps, caller }) {
    const after = args.cursor ? decodeCursor(args.cursor, place).after : 0
    const { article } = await loadArticle(deps.store, caller.userId, args.article_id)
    const rest = [...article.sources.values()]
      .filter((source) => source.number > after)
      .sort((a, b) => a.number - b.number)
    const page = rest.slice(0, args.limit).map(sourceView)
    const last = page.at(-1)?.source
    const structured = {
      article_id: article.articleId,
      title: article.title,
      status: article.status,
      rounds: article.rounds,
      created_at: article.createdAt,
      archived: article.archived,
      missing_files: missingFilesOf(article),
      queries: [...article.queries.values()].slice(-queriesShown).map((query) => ({
        number: query.number,
        round: query.round,
        query: visibleLine(query.query, 200),
        state: query.state,
      })),
      sources_total: article.sources.size,
      sources: page,
      research: article.compiled
        ? {
            size: article.compiled.research.size,
            sha256: article.compiled.research.sha256,
            compiled_at: article.compiled.at,
          }
        : null,
      running: openOperations(article).map(({ id, tool }) => ({ operation_id: id, tool })),
      next_cursor: rest.length > page.length && last ? encodeCursor({ after: last }) : null,
      next_step: nextStep(article),
    }
    return { structured, text: textOf(structured) }
  },
})

function textOf(article: z.infer<typeof output>): string {
  const { queries, research } = article
  return [
    `Article ${article.article_id}: ${visibleLine(article.title, 200)}`,
    `Status ${article.status}${article.archived ? ' (archived)' : ''}, ${article.rounds} research rounds, created ${article.created_at}.`,
    ...article.running.map((item) => `Running: ${item.tool}, operation_id ${item.operation_id}`),
    ...(article.missing_files.length
      ? [`Files not uploaded: ${article.missing_files.join(', ')}`]
      : []),
    ...(queries.length
      ? ['Queries:', ...queries.map((q) => `${q.number}. (${q.state}) ${q.query}`)]
      : []),
    `Sources (${article.sources.length} of ${article.sources_total} shown):`,
    ...(article.sources.length
      ? [untrusted('sources', article.sources.map(sourceLine).join('\n'))]
      : []),
    ...(article.next_cursor ? [`More sources: cursor ${article.next_cursor}`] : []),
    research
      ? `research.md: ${research.size} bytes, compiled ${research.compiled_at}.`
      : 'research.md is not compiled yet.',
    nextLine(article.next_step),
  ].join('\n')
}
