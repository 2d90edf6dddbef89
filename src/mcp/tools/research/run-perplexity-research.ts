import { z } from 'zod'
import { Refusal } from '../../../errors.ts'
import { articleId, ownQueries, queriesArgument, waitSeconds } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'
import { operationSchema } from '../../runs/operation-answer.ts'
import { runSlowTool, slowHints } from '../../runs/slow-tool.ts'

/** Asks the configured search provider; the name is the one that clients of the first version know. */
export const runPerplexityResearch = defineTool({
  name: 'run_perplexity_research',
  title: 'Search the web',
  description:
    'Run the planned queries that were not answered yet, with the configured search provider (Perplexity or another). Pass queries to add your own first. Returns each query with its state and the numbered pages found.',
  input: z.strictObject({
    article_id: articleId(),
    queries: queriesArgument(),
    wait_seconds: waitSeconds(),
  }),
  output: operationSchema(),
  hints: slowHints,
  scope: 'nova:write',
  async run(args, context) {
    if (!context.deps.search) throw new Refusal('SEARCH_NOT_CONFIGURED')
    return runSlowTool(context, {
      tool: 'run_perplexity_research',
      articleId: args.article_id,
      waitSeconds: args.wait_seconds,
      ...(args.queries && { queries: ownQueries(args.queries) }),
    })
  },
})
