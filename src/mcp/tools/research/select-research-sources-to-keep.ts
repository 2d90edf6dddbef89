import { z } from 'zod'
import { selectSources } from '../../../commands/articles/select-sources.ts'
import { nextStep } from '../../../events/articles/next-step.ts'
import { visibleLine } from '../../../visible-text.ts'
import { nextLine, nextStepSchema, untrusted } from '../../protocol/answer-parts.ts'
import { articleId, reason, sourceNumber } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'

const output = z.object({
  kept: z.int(),
  rejected: z.int(),
  by: z.enum(['agent', 'model', 'heuristic']),
  note: z.string().nullable(),
  decisions: z.array(
    z.object({
      source: z.int(),
      keep: z.boolean(),
      reason: z.string(),
      url: z.string(),
      title: z.string().describe('Untrusted.'),
    }),
  ),
  next_step: nextStepSchema(),
})

/** More do not fit into an answer; get_article lists all. */
const decisionsShown = 80

/** Keeps or rejects what the searches found. */
export const selectResearchSourcesToKeep = defineTool({
  name: 'select_research_sources_to_keep',
  title: 'Keep or reject research sources',
  description:
    'Decide which pages found by the searches stay in the research. Pass your own decisions in keep, for some or all sources, if you can judge better; without it they are decided for you. A rejected source does not come back. Returns the decisions with reasons.',
  input: z.strictObject({
    article_id: articleId(),
    keep: z
      .array(
        z.strictObject({
          source: sourceNumber(),
          keep: z.boolean().default(true),
          reason: reason(),
        }),
      )
      .min(1)
      .max(500)
      .optional()
      .describe('Your own decisions.'),
  }),
  output,
  hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  scope: 'nova:write',
  async run(args, { deps, caller, signal }) {
    const selected = await selectSources(deps, caller, {
      signal,
      articleId: args.article_id,
      ...(args.keep ? { decisions: args.keep } : {}),
    })
    const decided = [...selected.article.sources.values()].flatMap((source) =>
      source.decision ? [{ source, decision: source.decision }] : [],
    )
    const kept = decided.filter(({ decision }) => decision.keep).length
    const decisions = decided.slice(0, decisionsShown).map(({ source, decision }) => ({
      source: source.number,
      keep: decision.keep,
      reason: visibleLine(decision.reason, 200),
      url: visibleLine(source.url, 200),
      title: visibleLine(source.title, 120),
    }))
    const next = nextStep(selected.article)
    const lines = decisions.map(
      (item) =>
        `[${item.source}] ${item.keep ? 'kept' : 'rejected'}: ${item.title} <${item.url}> ${item.reason}`,
    )
    return {
      structured: {
        kept,
        rejected: decided.length - kept,
        by: selected.by,
        note: selected.note,
        decisions,
        next_step: next,
      },
      text: [
        `${kept} kept, ${decided.length - kept} rejected; decided by ${selected.by}.`,
        ...(selected.note ? [selected.note] : []),
        untrusted('decisions', lines.join('\n')),
        ...(decided.length > decisions.length
          ? [`${decided.length - decisions.length} more are listed by get_article.`]
          : []),
        nextLine(next),
      ].join('\n'),
    }
  },
})
