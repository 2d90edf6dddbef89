import { Refusal } from '../../errors.ts'
import { type ArticleEvent, SourcesSelected } from '../../events/articles/article-events.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import { judgeSources } from '../../research/judging/judge-sources.ts'
import type { LanguageModelPort } from '../../research/models/model-port.ts'
import { visibleLine } from '../../visible-text.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { changeArticle, loadArticle } from './article-stream.ts'
import { promptSources } from './prompt-sources.ts'

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
        reason: visibleLine(decision.reason, 1000) || 'No reason given.',
      })),
      by: command.by,
      note: visibleLine(command.note ?? '', 500) || null,
      selected_at: command.now.toISOString(),
    }),
  ]
}

/**
 * Records a decision on every research source: the agent's own when it gives any, else the model's, else
 * the documented scorer's. Sources that the agent leaves out stay as they are.
 */
export async function selectSources(
  deps: CommandDeps & { model: LanguageModelPort | null },
  caller: Caller,
  command: {
    articleId: string
    decisions?: ProposedSelection['decisions']
    signal?: AbortSignal
  },
) {
  const proposed: ProposedSelection = command.decisions
    ? { decisions: command.decisions, by: 'agent', note: null }
    : await judge(deps, caller, command)
  const { article, appended } = await changeArticle(deps, caller, command.articleId, (current) =>
    decideSelectSources({ ...proposed, now: deps.now() }, current),
  )
  return { article, appended, by: proposed.by, note: proposed.note }
}

async function judge(
  deps: CommandDeps & { model: LanguageModelPort | null },
  caller: Caller,
  command: { articleId: string; signal?: AbortSignal },
): Promise<ProposedSelection> {
  const { article } = await loadArticle(deps.store, caller.userId, command.articleId)
  const sources = promptSources(article, (source) => source.origin === 'research')
  if (sources.length === 0) return { decisions: [], by: 'heuristic', note: null }
  return judgeSources(
    {
      guidelineText: await deps.contents.text(caller.userId, article.guideline.sha256),
      sources,
      signal: command.signal ?? new AbortController().signal,
    },
    deps.model,
  )
}
