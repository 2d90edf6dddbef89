import { z } from 'zod'
import { missingFiles } from '../../../commands/articles/upload-local-files.ts'
import type { ArticleSource, ExistingArticle } from '../../../events/articles/article-state.ts'
import { articleStatuses } from '../../../events/articles/article-status.ts'
import { nextStep } from '../../../events/articles/next-step.ts'

const count = () => z.number().int().min(0)

/** One article as REST and the progress stream show it. */
export const articleViewSchema = z.object({
  article_id: z.uuid(),
  title: z.string(),
  status: z.enum(articleStatuses),
  archived: z.boolean(),
  /** Grows with every change. */
  version: count(),
  next_step: z.object({ tool: z.string().nullable(), why: z.string() }),
  created_at: z.iso.datetime(),
  rounds: count(),
  sources: z.object({
    total: count(),
    pending: count(),
    scraped: count(),
    failed: count(),
    kept: count(),
    rejected: count(),
    chosen: count(),
  }),
  expected_files: z.array(z.string()),
  missing_files: z.array(z.string()),
  operations: z.array(
    z.object({
      operation_id: z.string(),
      tool: z.string(),
      status: z.enum(['running', 'cancelling', 'completed', 'failed', 'cancelled']),
      total: count(),
      succeeded: count(),
      failed: count(),
      started_at: z.iso.datetime(),
    }),
  ),
  research: z
    .object({ sha256: z.string(), size: count(), compiled_at: z.iso.datetime(), path: z.string() })
    .nullable(),
})
export type ArticleView = z.infer<typeof articleViewSchema>

/** The article as of a version, derived from its events and therefore never behind. */
export function articleView(article: ExistingArticle, version: number): ArticleView {
  const { compiled } = article
  return {
    article_id: article.articleId,
    title: article.title,
    status: article.status,
    archived: article.archived,
    version,
    next_step: nextStep(article),
    created_at: article.createdAt,
    rounds: article.rounds,
    sources: countSources([...article.sources.values()]),
    expected_files: [...article.expectedFiles],
    missing_files: missingFiles(article),
    operations: [...article.operations.values()].map((operation) => ({
      operation_id: operation.id,
      tool: operation.tool,
      status: operation.status,
      total: operation.items.length,
      succeeded: operation.succeeded.length,
      failed: operation.failed.length,
      started_at: operation.startedAt,
    })),
    research: compiled && {
      sha256: compiled.research.sha256,
      size: compiled.research.size,
      compiled_at: compiled.at,
      path: `/articles/${article.articleId}/research.md`,
    },
  }
}

function countSources(sources: readonly ArticleSource[]): ArticleView['sources'] {
  const having = (test: (source: ArticleSource) => boolean) => sources.filter(test).length
  return {
    total: sources.length,
    pending: having((source) => source.state === 'pending'),
    scraped: having((source) => source.state === 'scraped'),
    failed: having((source) => source.state === 'failed'),
    kept: having((source) => source.decision?.keep === true),
    rejected: having((source) => source.decision?.keep === false),
    chosen: having((source) => source.chosen !== null),
  }
}
