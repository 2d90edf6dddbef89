import { z } from 'zod'
import { articleId, waitSeconds } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'
import { operationSchema } from '../../runs/operation-answer.ts'
import { runSlowTool, slowHints } from '../../runs/slow-tool.ts'

/** Reads the research sources that were chosen. */
export const scrapeResearchUrls = defineTool({
  name: 'scrape_research_urls',
  title: 'Read the chosen research sources',
  description:
    'Fetch in full the pages chosen by select_research_sources_to_scrape and turn them into clean Markdown. Returns each page with its state; calling again retries what failed.',
  input: z.strictObject({ article_id: articleId(), wait_seconds: waitSeconds() }),
  output: operationSchema(),
  hints: slowHints,
  scope: 'nova:write',
  run: (args, context) =>
    runSlowTool(context, {
      tool: 'scrape_research_urls',
      articleId: args.article_id,
      waitSeconds: args.wait_seconds,
    }),
})
