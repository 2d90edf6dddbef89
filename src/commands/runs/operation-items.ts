import { Refusal } from '../../errors.ts'
import type {
  ArticleSource,
  ExistingArticle,
  Operation,
} from '../../events/articles/article-state.ts'
import { type SlowTool, slowTools } from '../../events/articles/slow-tools.ts'

/** Whether work on the operation goes on: it has not ended, and its article is not archived. */
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
  return openItems(tool, article).slice(0, slowTools[tool].itemsMax)
}

function openItems(tool: SlowTool, article: ExistingArticle): number[] {
  const { items } = slowTools[tool]
  if (items === 'queries') {
    if (article.queries.size === 0) throw new Refusal('QUERY_UNKNOWN')
    return [...article.queries.values()]
      .filter((query) => query.state !== 'answered')
      .map((query) => query.number)
  }
  if (items === 'chosen') {
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
  return open(article, (source) => source.origin === 'guideline' && source.kind === items)
}

function open(article: ExistingArticle, wanted: (source: ArticleSource) => boolean): number[] {
  return [...article.sources.values()]
    .filter(wanted)
    .filter((source) => source.state === 'pending' || (source.failure?.retryable ?? false))
    .map((source) => source.number)
}
