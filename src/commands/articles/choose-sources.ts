import { Refusal } from '../../errors.ts'
import {
  type ArticleEvent,
  SourcesChosenForScraping,
} from '../../events/articles/article-events.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import { chooseSources as bestSources } from '../../research/judging/choose-sources.ts'
import type { LanguageModelPort } from '../../research/models/model-port.ts'
import { visibleLine } from '../../visible-text.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { changeArticle, loadArticle } from './article-stream.ts'
import { promptSources } from './prompt-sources.ts'

/** Pages that one choice may send to be read in full. */
const chosenMax = 20

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
        reason: visibleLine(item.reason, 1000) || 'No reason given.',
      })),
      dropped,
      by: command.by,
      note: visibleLine(command.note ?? '', 500) || null,
      chosen_at: command.now.toISOString(),
    }),
  ]
}

/**
 * Records which kept sources are read in full: the agent's own choice when it gives one, else the
 * model's, else the best-scored. Videos are left out and counted: their captions are not pages.
 */
export async function chooseSources(
  deps: CommandDeps & { model: LanguageModelPort | null },
  caller: Caller,
  command: {
    articleId: string
    max: number
    chosen?: ProposedChoice['chosen']
    signal?: AbortSignal
  },
) {
  const { article: before } = await loadArticle(deps.store, caller.userId, command.articleId)
  const proposed: ProposedChoice & { skippedVideos: number } = command.chosen
    ? { chosen: command.chosen, by: 'agent', note: null, skippedVideos: 0 }
    : await propose(deps, caller, before, command)
  const { article, appended } = await changeArticle(deps, caller, command.articleId, (current) =>
    decideChooseSources({ ...proposed, now: deps.now() }, current),
  )
  const { by, note, skippedVideos } = proposed
  return { article, appended, by, note, skippedVideos }
}

async function propose(
  deps: CommandDeps & { model: LanguageModelPort | null },
  caller: Caller,
  article: ExistingArticle,
  command: { max: number; signal?: AbortSignal },
): Promise<ProposedChoice & { skippedVideos: number }> {
  const chosen = await bestSources(
    {
      guidelineText: await deps.contents.text(caller.userId, article.guideline.sha256),
      sources: promptSources(article, (source) => source.decision?.keep === true),
      alreadyScraped: [...article.sources.values()]
        .filter((source) => source.state === 'scraped' && source.origin !== 'file')
        .map((source) => source.url),
      max: command.max,
      signal: command.signal ?? new AbortController().signal,
    },
    deps.model,
  )
  const { by, note, skipped } = chosen
  return { chosen: chosen.chosen, by, note, skippedVideos: skipped.youtube.length }
}
