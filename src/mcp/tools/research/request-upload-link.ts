import { z } from 'zod'
import { loadArticle, parseArticleId } from '../../../commands/articles/article-stream.ts'
import { grantLink } from '../../../commands/links/grant-link.ts'
import { Refusal } from '../../../errors.ts'
import { missingFilesOf, nextLine, nextStepSchema } from '../../protocol/answer-parts.ts'
import { defineTool } from '../../protocol/define-tool.ts'
import type { ToolContext } from '../../protocol/tool-context.ts'

const output = z.object({
  url: z.string(),
  expires_at: z.string(),
  purpose: z.enum(['guideline', 'files']),
  article_id: z.string(),
  missing_files: z.array(z.string()).describe('Named by the guideline and not uploaded yet.'),
  next_step: nextStepSchema(),
})

/** A browser link through which the user hands over a file; files do not fit through tool arguments. */
export const requestUploadLink = defineTool({
  name: 'request_upload_link',
  title: 'Get an upload link for the user',
  description:
    'Get a link that the user opens in a browser to upload a guideline (which starts an article) or the local files of an article. Show the link to the user and wait until they say they are done. The link works once and expires.',
  input: z.strictObject({
    purpose: z.enum(['guideline', 'files']),
    article_id: z
      .string()
      .max(64)
      .optional()
      .describe('Required for files. For a guideline leave it out: the answer has a new one.'),
  }),
  output,
  hints: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: false,
  },
  scope: 'nova:write',
  async run(args, context) {
    const { articleId, missing } = await subjectOf(args, context)
    const { url, expiresAt } = await grantLink(context.deps, context.caller, {
      purpose: args.purpose === 'files' ? 'upload_files' : 'upload_guideline',
      articleId,
    })
    const next = {
      tool: args.purpose === 'files' ? 'get_article' : 'extract_guidelines_urls',
      why: 'Show the link to the user; go on when they have uploaded.',
    }
    const expires = expiresAt.toISOString()
    return {
      structured: {
        url,
        expires_at: expires,
        purpose: args.purpose,
        article_id: articleId,
        missing_files: missing,
        next_step: next,
      },
      text: [
        `Upload link for the user (works once, until ${expires}): ${url}`,
        `article_id: ${articleId}`,
        ...(missing.length ? [`Files still missing: ${missing.join(', ')}`] : []),
        nextLine(next),
      ].join('\n'),
    }
  },
})

async function subjectOf(
  args: { purpose: 'guideline' | 'files'; article_id?: string | undefined },
  { deps, caller }: ToolContext,
): Promise<{ articleId: string; missing: string[] }> {
  if (args.purpose === 'guideline') {
    const articleId = args.article_id ? parseArticleId(args.article_id) : deps.newId()
    return { articleId, missing: [] }
  }
  if (!args.article_id) {
    throw new Refusal('ARGUMENT_INVALID', {
      path: 'article_id',
      problem: 'is required when purpose is files',
    })
  }
  const { article } = await loadArticle(deps.store, caller.userId, args.article_id)
  if (article.archived) throw new Refusal('ARTICLE_ARCHIVED')
  return { articleId: article.articleId, missing: missingFilesOf(article) }
}
