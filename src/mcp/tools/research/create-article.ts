import { z } from 'zod'
import { parseArticleId } from '../../../commands/articles/article-stream.ts'
import { createArticle as createArticleCommand } from '../../../commands/articles/create-article.ts'
import { grantingLink, prepareLink } from '../../../commands/links/grant-link.ts'
import { nextLine, nextStepSchema } from '../../protocol/answer-parts.ts'
import { defineTool } from '../../protocol/define-tool.ts'

const output = z.object({
  article_id: z.string(),
  title: z.string(),
  created: z.boolean().describe('False: this article existed already, unchanged.'),
  guideline_bytes: z.int(),
  progress_url: z.string().describe('For the user: a page with live progress.'),
  next_step: nextStepSchema(),
})

/** Starts an article from a guideline that the agent has as text. */
export const createArticle = defineTool({
  name: 'create_article',
  title: 'Create an article',
  description:
    'Start the research of one article from its guideline: Markdown with an outline, links and file names. Use it when you have the guideline as text; for a file that the user has, use request_upload_link. Returns the article_id that all other tools take.',
  input: z.strictObject({
    guideline: z.string().min(1).max(1_048_576).describe('The whole guideline, unchanged.'),
    title: z.string().min(1).max(300).optional().describe('Default: found in the guideline.'),
    article_id: z.string().max(64).optional().describe('A UUID of your own, to make a retry safe.'),
  }),
  output,
  hints: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: false,
  },
  scope: 'nova:write',
  async run(args, { deps, caller, callId, repeats }) {
    // A repetition of a call whose answer was lost finds that call's article.
    const articleId = args.article_id ? parseArticleId(args.article_id) : (repeats ?? callId)
    const watch = await prepareLink(deps, caller, { purpose: 'watch', articleId })
    const article = await grantingLink(deps, caller, watch, (granting) =>
      createArticleCommand(granting, caller, {
        articleId,
        guideline: Buffer.from(args.guideline, 'utf8'),
        ...(args.title ? { title: args.title } : {}),
      }),
    )
    // So that list_articles, called next, knows the article.
    if (article.appended) await deps.projections.waitFor(['articles'], article.appended.position)
    const next = {
      tool: 'extract_guidelines_urls',
      why: 'It finds the links and file names in the guideline.',
    }
    return {
      structured: {
        article_id: articleId,
        title: article.title,
        created: article.created,
        guideline_bytes: article.guideline.size,
        progress_url: watch.url,
        next_step: next,
      },
      text: [
        `${article.created ? 'Created' : 'There was already'} article ${articleId}: ${article.title}`,
        `Live progress for the user: ${watch.url}`,
        nextLine(next),
      ].join('\n'),
      ...(article.created ? {} : { settle: { refund: 'the article was there already' } }),
    }
  },
})
