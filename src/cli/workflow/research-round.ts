import { slowToolFor } from '../../events/articles/slow-tools.ts'
import { type ToolCaller, ToolRefused } from './connect-mcp.ts'
import type { Watch } from './run-events.ts'
import { runOperation } from './run-operation.ts'
import { queriesAnswer } from './tool-answers.ts'

/**
 * One round of research: queries that the article does not answer yet, then the searches. `asked` is
 * false when there was nothing new to ask. A round in which every search failed ends the run, since
 * later rounds would build on nothing: throws ToolRefused with what to do.
 */
export async function researchRound(
  { nova, watch, rounds }: { nova: ToolCaller; watch: Watch; rounds: number },
  articleId: string,
  round: number,
): Promise<{ asked: boolean }> {
  const title = `Research, round ${round} of ${rounds}`
  watch({ kind: 'step', title, tool: 'generate_next_queries' })
  const planned = await nova.call('generate_next_queries', { article_id: articleId }, queriesAnswer)
  if (planned.note) watch({ kind: 'note', text: planned.note })
  for (const { query } of planned.queries) watch({ kind: 'note', text: `“${query}”` })
  const answer = await runOperation(nova, watch, slowToolFor('queries'), articleId)
  if (answer.status === 'failed') {
    throw new ToolRefused(slowToolFor('queries'), {
      code: 'RESEARCH_FAILED',
      message: `Every search of round ${round} failed: ${answer.items.find((item) => item.failure)?.failure ?? 'no reason given'}.`,
      hint: 'See `nova doctor`; then go on with --resume, or with --resume --rounds 0 to compile without research.',
    })
  }
  if (answer.found_total > 0) watch({ kind: 'note', text: `${answer.found_total} pages found` })
  return { asked: planned.queries.length > 0 }
}
