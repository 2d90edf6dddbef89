import { z } from 'zod'
import { articleId, waitSeconds } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'
import { operationSchema } from '../../runs/operation-answer.ts'
import { runSlowTool, slowHints } from '../../runs/slow-tool.ts'

/** Reads the GitHub links that the guideline names. */
export const processGithubUrls = defineTool({
  name: 'process_github_urls',
  title: 'Read the repositories of the guideline',
  description:
    'Fetch every GitHub repository, folder, file and gist that the guideline links to, as one readable document each. Call after extract_guidelines_urls; may run at the same time as the other reading tools. Returns each link with its state.',
  input: z.strictObject({ article_id: articleId(), wait_seconds: waitSeconds() }),
  output: operationSchema(),
  hints: slowHints,
  scope: 'nova:write',
  run: (args, context) =>
    runSlowTool(context, {
      tool: 'process_github_urls',
      articleId: args.article_id,
      waitSeconds: args.wait_seconds,
    }),
})
