import { Refusal } from '../errors.ts'
import { type ArticleEvent, SourcesChosenForScraping } from '../events/article-events.ts'
import type { ExistingArticle } from '../events/article-state.ts'
import { changeArticle } from './article-stream.ts'
import type { Caller, CommandDeps } from './handle.ts'

/** Pages that one choice may send to be read in full. */
export const chosenMax = 20

export interface ProposedChoice {
  chosen: readonly { source: number; reason: string }[]
  by: 'agent' | 'model' | 'heuristic'
  note: string | null
}

/** Only research results that were kept can be chosen: a page that says "read me" is still only data. */
export function decideChooseSources(
  command: ProposedChoice & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  if (!article.selectionMade) {
    throw new Refusal(
      'STEP_OUT_OF_ORDER',
      { tool: 'select_research_sources_to_scrape' },
      { hint: 'Call select_research_sources_to_keep first.' },
    )
  }
  const latest = new Map(command.chosen.map((item) => [item.source, item]))
  for (const number of latest.keys()) {
    const source = article.sources.get(number)
    if (source?.origin !== 'research') throw new Refusal('SOURCE_UNKNOWN', { number })
    if (!source.decision?.keep) throw new Refusal('SOURCE_REJECTED', { number })
  }
  const before = [...article.sources.values()].filter((source) => source.chosen)
  const dropped = before.map((source) => source.number).filter((number) => !latest.has(number))
  const same = before.length === latest.size && dropped.length === 0
  if (article.choiceMade && same) return []
  return [
    SourcesChosenForScraping({
      chosen: [...latest.values()].slice(0, chosenMax).map((item) => ({
        source: item.source,
        reason: item.reason.trim().slice(0, 1000) || 'No reason given.',
      })),
      dropped,
      by: command.by,
      note: command.note?.slice(0, 500) || null,
      chosen_at: command.now.toISOString(),
    }),
  ]
}

export const chooseSources = (
  deps: CommandDeps,
  caller: Caller,
  articleId: string,
  proposed: ProposedChoice,
) =>
  changeArticle(deps, caller, articleId, (article) =>
    decideChooseSources({ ...proposed, now: deps.now() }, article),
  )
