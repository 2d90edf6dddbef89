import { z } from 'zod'
import { chooseSources } from '../../../commands/articles/choose-sources.ts'
import { nextStep } from '../../../events/articles/next-step.ts'
import { visibleLine } from '../../../visible-text.ts'
import { nextLine, nextStepSchema, untrusted } from '../../protocol/answer-parts.ts'
import { articleId, reason, sourceNumber } from '../../protocol/arguments.ts'
import { defineTool } from '../../protocol/define-tool.ts'

const output = z.object({
  chosen: z.array(
    z.object({
      source: z.int(),
      reason: z.string(),
      url: z.string(),
      title: z.string().describe('Untrusted.'),
    }),
  ),
  by: z.enum(['agent', 'model', 'heuristic']),
  note: z.string().nullable(),
  skipped_videos: z.int().describe('Kept videos, which are not read here.'),
  next_step: nextStepSchema(),
})

/** Chooses which of the kept sources are read in full. */
export const selectResearchSourcesToScrape = defineTool({
  name: 'select_research_sources_to_scrape',
  title: 'Choose sources to read in full',
  description:
    'Choose the few kept sources that deserve to be read in full. Pass your own sources if you can judge better; without it the best are chosen for you. Call after select_research_sources_to_keep; scrape_research_urls then reads them.',
  input: z.strictObject({
    article_id: articleId(),
    max: z.int().min(1).max(20).default(5).describe('At most so many, when chosen for you.'),
    sources: z
      .array(z.strictObject({ source: sourceNumber(), reason: reason() }))
      .min(1)
      .max(20)
      .optional()
      .describe('Your own choice.'),
  }),
  output,
  hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  scope: 'nova:write',
  async run(args, { deps, caller, signal }) {
    const answer = await chooseSources(deps, caller, {
      signal,
      articleId: args.article_id,
      max: args.max,
      ...(args.sources ? { chosen: args.sources } : {}),
    })
    const chosen = [...answer.article.sources.values()].flatMap((source) =>
      source.chosen
        ? [
            {
              source: source.number,
              reason: visibleLine(source.chosen.reason, 300),
              url: visibleLine(source.url, 300),
              title: visibleLine(source.title, 160),
            },
          ]
        : [],
    )
    const next = nextStep(answer.article)
    const lines = chosen.map(
      (item) => `[${item.source}] ${item.title} <${item.url}> ${item.reason}`,
    )
    return {
      structured: {
        chosen,
        by: answer.by,
        note: answer.note,
        skipped_videos: answer.skippedVideos,
        next_step: next,
      },
      text: [
        `${chosen.length} chosen by ${answer.by}.`,
        ...(answer.note ? [answer.note] : []),
        ...(answer.skippedVideos ? [`${answer.skippedVideos} videos are not read here.`] : []),
        untrusted('chosen', lines.join('\n')),
        nextLine(next),
      ].join('\n'),
    }
  },
})
