import { recordQueryFailed, recordResult } from '../../commands/articles/record-research.ts'
import type { CommandDeps } from '../../commands/handle.ts'
import type { Log } from '../../log.ts'
import { costOf, type Prices } from '../../research/models/prices.ts'
import { SearchFailure } from '../../research/search/search-failure.ts'
import type { SearchAnswer, SearchProvider } from '../../research/search/search-provider.ts'
import { isOfStore, isStorageFull } from '../queue/store-refusal.ts'
import type { WorkItem } from './run-operation.ts'

export interface WorkQueryDeps extends CommandDeps {
  search: SearchProvider
  prices: Prices
  log: Log
}

/** Results wanted per query; three rounds of five queries then give at most 150 sources to judge. */
const resultsPerQuery = 10

/** Asks one query and records what it found; one that fails costs that query only. */
export const workQuery =
  (deps: WorkQueryDeps): WorkItem =>
  async (context, number) => {
    const { caller, articleId, operationId, article, signal, inTurn } = context
    const query = article.queries.get(number)
    if (!query) return article
    const outcome = { operationId, queryNumber: number }
    try {
      const answer = await deps.search.search(query.query, { limit: resultsPerQuery, signal })
      const result = {
        ...outcome,
        provider: answer.provider,
        answer:
          answer.answer === null
            ? null
            : await deps.contents.put(caller.userId, answer.answer, 'text/markdown'),
        sources: answer.sources,
        costUsd: answerCost(answer, deps.prices),
      }
      return (await inTurn(() => recordResult(deps, caller, articleId, result))).article
    } catch (error) {
      signal.throwIfAborted()
      // The store's, not the provider's: the job is tried again, and the item is not to blame.
      if (isOfStore(error)) throw error
      const failed = { ...outcome, ...describe(error, deps.log) }
      return (await inTurn(() => recordQueryFailed(deps, caller, articleId, failed))).article
    }
  }

/** What the provider says that it charged, else what the operator says that a request costs. */
function answerCost({ provider, cost }: SearchAnswer, prices: Prices): number | null {
  if (cost?.unit === 'usd') return cost.amount
  return costOf(prices, { service: provider, requests: 1, inputTokens: 0, outputTokens: 0 })
}

function describe(error: unknown, log: Log): { reason: string; detail: string | null } {
  if (error instanceof SearchFailure) return { reason: error.reason, detail: error.message }
  if (isStorageFull(error)) return { reason: error.code, detail: error.message }
  log.error({ err: error }, 'search provider failed unexpectedly')
  return { reason: 'INTERNAL', detail: null }
}
