import { z } from 'zod'
import { articleId, waitSeconds } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'
import { operationSchema } from '../../runs/operation-answer.ts'
import { runSlowTool, slowHints } from '../../runs/slow-tool.ts'

/** Reads the web pages that the guideline names. */
export const scrapeAndCleanOtherUrls = defineTool({
  name: 'scrape_and_clean_other_urls',
  title: 'Read the web pages of the guideline',
  description:
    'Fetch every web page that the guideline links to and turn it into clean Markdown. Call after extract_guidelines_urls; may run at the same time as process_github_urls and transcribe_youtube_urls. Returns each page with its state; calling again retries what failed.',
  input: z.strictObject({ article_id: articleId(), wait_seconds: waitSeconds() }),
  output: operationSchema(),
  hints: slowHints,
  scope: 'nova:write',
  run: (args, context) =>
    runSlowTool(context, {
      tool: 'scrape_and_clean_other_urls',
      articleId: args.article_id,
      waitSeconds: args.wait_seconds,
    }),
})
