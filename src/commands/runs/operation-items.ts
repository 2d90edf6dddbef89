import { Refusal } from '../../errors.ts'
import type { SlowTool } from '../../events/articles/article-events.ts'
import type {
  ArticleSource,
  ExistingArticle,
  Operation,
} from '../../events/articles/article-state.ts'

/** Items one call may work on: what is left is taken by the next call, so one call's cost is bounded. */
const itemsMax: Readonly<Record<SlowTool, number>> = {
  scrape_and_clean_other_urls: 50,
  process_github_urls: 20,
  transcribe_youtube_urls: 20,
  run_perplexity_research: 20,
  scrape_research_urls: 30,
}

/** Whether work on the operation goes on: it has not ended, and nobody archived its article meanwhile. */
export const isAtWork = (article: ExistingArticle, operation: Operation): boolean =>
  operation.status === 'running' && !article.archived

/** Whether an item's outcome is still wanted: what comes late, or a second time, is dropped. */
export function isItemOpen(article: ExistingArticle, operationId: string, item: number): boolean {
  const operation = article.operations.get(operationId)
  if (!operation?.items.includes(item) || article.archived) return false
  return !operation.succeeded.includes(item) && !operation.failed.includes(item)
}

/** What the tool still has to do, oldest first: pending items and failures worth another try. */
export function itemsFor(tool: SlowTool, article: ExistingArticle): number[] {
  return openItems(tool, article).slice(0, itemsMax[tool])
}

function openItems(tool: SlowTool, article: ExistingArticle): number[] {
  if (tool === 'run_perplexity_research') {
    if (article.queries.size === 0) throw new Refusal('QUERY_UNKNOWN')
    return [...article.queries.values()]
      .filter((query) => query.state !== 'answered')
      .map((query) => query.number)
  }
  if (tool === 'scrape_research_urls') {
    if (!article.choiceMade) {
      throw new Refusal(
        'STEP_OUT_OF_ORDER',
        { tool },
        { hint: 'Call select_research_sources_to_scrape first.' },
      )
    }
    return open(article, (source) => source.chosen !== null && source.kind !== 'youtube')
  }
  if (!article.extracted) {
    throw new Refusal(
      'STEP_OUT_OF_ORDER',
      { tool },
      { hint: 'Call extract_guidelines_urls first.' },
    )
  }
  const kind = kindOf[tool]
  return open(article, (source) => source.origin === 'guideline' && source.kind === kind)
}

const kindOf = {
  scrape_and_clean_other_urls: 'web',
  process_github_urls: 'github',
  transcribe_youtube_urls: 'youtube',
} as const

function open(article: ExistingArticle, wanted: (source: ArticleSource) => boolean): number[] {
  return [...article.sources.values()]
    .filter(wanted)
    .filter((source) => source.state === 'pending' || (source.failure?.retryable ?? false))
    .map((source) => source.number)
}
