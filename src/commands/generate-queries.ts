import { type ArticleEvent, QueriesGenerated } from '../events/article-events.ts'
import type { ExistingArticle } from '../events/article-state.ts'
import { changeArticle, nextQueryNumber } from './article-stream.ts'
import type { Caller, CommandDeps } from './handle.ts'

/** What one round asks at most; more rounds find more than more queries. */
export const queriesMax = 20

export interface ProposedQueries {
  queries: readonly { query: string; reason: string }[]
  by: 'agent' | 'model' | 'heuristic'
  note: string | null
}

/** Queries of a round that has not been asked yet are replaced by nothing: the next round adds to them. */
export function decideGenerateQueries(
  command: ProposedQueries & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  const asked = new Set([...article.queries.values()].map((query) => normalise(query.query)))
  const fresh = command.queries.filter((item) => {
    const key = normalise(item.query)
    if (!key || asked.has(key)) return false
    asked.add(key)
    return true
  })
  if (fresh.length === 0) return []
  const first = nextQueryNumber(article)
  return [
    QueriesGenerated({
      round: article.rounds + 1,
      queries: fresh.slice(0, queriesMax).map((item, index) => ({
        query_number: first + index,
        query: item.query.trim().slice(0, 1000),
        reason: item.reason.trim().slice(0, 1000) || 'No reason given.',
      })),
      by: command.by,
      note: command.note?.slice(0, 500) || null,
      generated_at: command.now.toISOString(),
    }),
  ]
}

const normalise = (query: string): string => query.toLowerCase().replace(/\s+/g, ' ').trim()

/** Records a round of queries that an agent, a model or the heuristic proposed. */
export const generateQueries = (
  deps: CommandDeps,
  caller: Caller,
  articleId: string,
  proposed: ProposedQueries,
) =>
  changeArticle(deps, caller, articleId, (article) =>
    decideGenerateQueries({ ...proposed, now: deps.now() }, article),
  )
