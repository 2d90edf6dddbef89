import { z } from 'zod'
import { archiveArticle as archive } from '../../../commands/articles/archive-article.ts'
import { nextStep } from '../../../events/articles/next-step.ts'
import { nextLine, nextStepSchema } from '../../protocol/answer-parts.ts'
import { articleId } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'

/** Puts an article away without losing it; erasing is for its owner at the terminal or over REST. */
export const archiveArticle = defineTool({
  name: 'archive_article',
  title: 'Archive an article',
  description:
    'Archive an article the user is done with: it stays readable and takes no more work; running work stops. archived false takes it back.',
  input: z.strictObject({ article_id: articleId(), archived: z.boolean().default(true) }),
  output: z.object({ archived: z.boolean(), next_step: nextStepSchema() }),
  hints: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  scope: 'nova:write',
  async run(args, { deps, caller }) {
    const { article, appended } = await archive(deps, caller, {
      articleId: args.article_id,
      archived: args.archived,
    })
    if (appended) await deps.projections.waitFor(['articles'], appended.position)
    const { archived } = article
    const next = nextStep(article)
    return {
      structured: { archived, next_step: next },
      text: `Article ${article.articleId} ${archived ? 'is archived' : 'takes work'}.\n${nextLine(next)}`,
    }
  },
})
