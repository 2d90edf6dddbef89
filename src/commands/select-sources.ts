import { Refusal } from '../errors.ts'
import { type ArticleEvent, SourcesSelected } from '../events/article-events.ts'
import type { ExistingArticle } from '../events/article-state.ts'
import { changeArticle } from './article-stream.ts'
import type { Caller, CommandDeps } from './handle.ts'

export interface ProposedSelection {
  decisions: readonly { source: number; keep: boolean; reason: string }[]
  by: 'agent' | 'model' | 'heuristic'
  note: string | null
}

/**
 * Every source named must be a research result. 'None kept' is a decision like any other, and a source
 * once rejected stays rejected unless a later decision names it again.
 */
export function decideSelectSources(
  command: ProposedSelection & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  const research = [...article.sources.values()].filter((source) => source.origin === 'research')
  if (research.length === 0) {
    throw new Refusal(
      'STEP_OUT_OF_ORDER',
      { tool: 'select_research_sources_to_keep' },
      { hint: 'Call generate_next_queries and run_perplexity_research first.' },
    )
  }
  const known = new Set(research.map((source) => source.number))
  const latest = new Map(command.decisions.map((decision) => [decision.source, decision]))
  for (const number of latest.keys()) {
    if (!known.has(number)) throw new Refusal('SOURCE_UNKNOWN', { number })
  }
  const changed = [...latest.values()].filter((decision) => {
    const before = article.sources.get(decision.source)?.decision
    return before?.keep !== decision.keep || before.reason !== decision.reason
  })
  if (changed.length === 0 && article.selectionMade) return []
  return [
    SourcesSelected({
      decisions: changed.map((decision) => ({
        source: decision.source,
        keep: decision.keep,
        reason: decision.reason.trim().slice(0, 1000) || 'No reason given.',
      })),
      by: command.by,
      note: command.note?.slice(0, 500) || null,
      selected_at: command.now.toISOString(),
    }),
  ]
}

export const selectSources = (
  deps: CommandDeps,
  caller: Caller,
  articleId: string,
  proposed: ProposedSelection,
) =>
  changeArticle(deps, caller, articleId, (article) =>
    decideSelectSources({ ...proposed, now: deps.now() }, article),
  )
