import { z } from 'zod'
import { parseArticleId } from '../../../commands/articles/article-stream.ts'
import { compileResearch } from '../../../commands/articles/compile-research.ts'
import { grantingLink, prepareLink } from '../../../commands/links/grant-link.ts'
import type { ExistingArticle } from '../../../events/articles/article-state.ts'
import { type NextStep, nextStep } from '../../../events/articles/next-step.ts'
import { nextLine, nextStepSchema } from '../../protocol/answer-parts.ts'
import { articleId } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'

const output = z.object({
  size: z.int().describe('Bytes.'),
  sha256: z.string(),
  counts: z.object({
    guideline_sources: z.int(),
    research_sources: z.int(),
    local_files: z.int(),
    failed: z.int(),
    queries: z.int(),
    rounds: z.int(),
  }),
  download_url: z.string(),
  expires_at: z.string(),
  next_step: nextStepSchema(),
})

/** Compiles research.md and gives a fresh link to it. */
export const createResearchFile = defineTool({
  name: 'create_research_file',
  title: 'Compile research.md',
  description:
    'Compile everything gathered so far into research.md. The last step; can be called at any time and again after more research. Returns size, counts, hash and a download link for the user; read_research reads the text.',
  input: z.strictObject({
    article_id: articleId(),
    despite_failures: z
      .boolean()
      .default(false)
      .describe('The user said to go on without what failed altogether.'),
  }),
  output,
  hints: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  scope: 'nova:write',
  async run(args, { deps, caller }) {
    const of = { articleId: parseArticleId(args.article_id) }
    const link = await prepareLink(deps, caller, { purpose: 'download', ...of })
    const { article, research } = await grantingLink(deps, caller, link, (granting) =>
      compileResearch(granting, caller, { ...of, despiteFailures: args.despite_failures }),
    )
    const counts = countsOf(article)
    const next = nextAfter(article)
    return {
      structured: {
        size: research.size,
        sha256: research.sha256,
        counts,
        download_url: link.url,
        expires_at: link.expiresAt.toISOString(),
        next_step: next,
      },
      text: [
        `research.md is ready: ${research.size} bytes, SHA-256 ${research.sha256}.`,
        `${counts.guideline_sources} sources of the guideline, ${counts.research_sources} research sources, ${counts.local_files} local files, ${counts.failed} failed; ${counts.queries} queries in ${counts.rounds} rounds.`,
        `Download for the user (until ${link.expiresAt.toISOString()}): ${link.url}`,
        nextLine(next),
      ].join('\n'),
    }
  },
})

/** What is still being read is not in the file. */
function nextAfter(article: ExistingArticle): NextStep {
  const { tool, why } = nextStep(article)
  return tool === 'get_operation'
    ? { tool, why: `${why} Compile again when it has ended.` }
    : {
        tool: 'read_research',
        why: 'Give the download link to the user, or read the text yourself.',
      }
}

function countsOf(article: ExistingArticle) {
  const sources = [...article.sources.values()]
  const read = (origin: string) =>
    sources.filter((source) => source.origin === origin && source.state === 'scraped').length
  return {
    guideline_sources: read('guideline'),
    research_sources: sources.filter((s) => s.origin === 'research' && s.decision?.keep).length,
    local_files: read('file'),
    failed: sources.filter((source) => source.state === 'failed').length,
    queries: [...article.queries.values()].filter((query) => query.state === 'answered').length,
    rounds: article.rounds,
  }
}
