import { z } from 'zod'
import { generateQueries } from '../../../commands/articles/generate-queries.ts'
import { nextStep } from '../../../events/articles/next-step.ts'
import { nextLine, nextStepSchema } from '../../protocol/answer-parts.ts'
import { articleId, ownQueries, queriesArgument } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'

const output = z.object({
  round: z.int(),
  queries: z.array(z.object({ number: z.int(), query: z.string(), reason: z.string() })),
  by: z.enum(['agent', 'model', 'heuristic']),
  note: z.string().nullable(),
  next_step: nextStepSchema(),
})

/** Plans the next round of web research. */
export const generateNextQueries = defineTool({
  name: 'generate_next_queries',
  title: 'Plan the next research queries',
  description:
    'Plan the next round of web research: queries for what the guideline asks and the sources do not answer yet. Pass your own queries if you can judge better; otherwise they are generated. Follow it with run_perplexity_research; three rounds are usual.',
  input: z.strictObject({
    article_id: articleId(),
    count: z.int().min(1).max(20).default(5).describe('Queries to generate.'),
    queries: queriesArgument(),
  }),
  output,
  hints: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: true,
  },
  scope: 'nova:write',
  async run(args, { deps, caller, signal, repeats }) {
    const planned = await generateQueries(deps, caller, {
      signal,
      repeats,
      articleId: args.article_id,
      count: args.count,
      ...(args.queries ? { queries: ownQueries(args.queries) } : {}),
    })
    const queries = planned.queries.map(({ number, query, reason }) => ({ number, query, reason }))
    const next = nextStep(planned.article)
    return {
      structured: {
        round: planned.round,
        queries,
        by: planned.by,
        note: planned.note,
        next_step: next,
      },
      text: [
        queries.length
          ? `Round ${planned.round}, decided by ${planned.by}:`
          : 'No new queries: these were asked before.',
        ...queries.map((item) => `${item.number}. ${item.query}\n   ${item.reason}`),
        ...(planned.note ? [planned.note] : []),
        nextLine(next),
      ].join('\n'),
      ...(planned.appended ? {} : { settle: { refund: 'no new queries' } }),
    }
  },
})
