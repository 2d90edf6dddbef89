import {
  type ArticleEvent,
  articleStream,
  QueriesGenerated,
} from '../../events/articles/article-events.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import type { StoredEvent } from '../../events/define-event.ts'
import type { LanguageModelPort } from '../../research/models/model-port.ts'
import { planQueries, queriesMax } from '../../research/planning/plan-queries.ts'
import type { EventStore } from '../../store/events/event-store.ts'
import { visibleLine } from '../../visible-text.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { changeArticle, loadArticle, nextQueryNumber } from './article-stream.ts'

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
        query: visibleLine(item.query, 1000),
        reason: visibleLine(item.reason, 1000) || 'No reason given.',
      })),
      by: command.by,
      note: visibleLine(command.note ?? '', 500) || null,
      generated_at: command.now.toISOString(),
    }),
  ]
}

const normalise = (query: string): string => visibleLine(query).toLowerCase()

/**
 * Records the next round of queries: the agent's own when it gives any, else planned by the model, else
 * by the documented heuristic. The planning happens before the decision, with no stream held.
 */
export async function generateQueries(
  deps: CommandDeps & { model: LanguageModelPort | null },
  caller: Caller,
  command: {
    articleId: string
    count: number
    queries?: readonly { query: string; reason: string }[]
    /** The call that this one repeats because its answer was lost: what it has planned is the answer. */
    repeats?: string | null
    signal?: AbortSignal
  },
) {
  const earlier =
    command.repeats && (await roundBy(deps.store, caller, command.articleId, command.repeats))
  if (earlier) return earlier
  const proposed: ProposedQueries = command.queries
    ? { queries: command.queries, by: 'agent', note: null }
    : await planFor(deps, caller, command)
  const handled = await changeArticle(deps, caller, command.articleId, (article) =>
    decideGenerateQueries({ ...proposed, now: deps.now() }, article),
  )
  const { article, appended } = handled
  const queries = [...article.queries.values()].filter((query) => query.round === article.rounds)
  return { article, appended, queries, round: article.rounds, by: proposed.by, note: proposed.note }
}

/** The round that a call has planned, or null. */
async function roundBy(store: EventStore, caller: Caller, articleId: string, callId: string) {
  const { article } = await loadArticle(store, caller.userId, articleId)
  const stored = await store.read({
    userId: caller.userId,
    streamId: articleStream(article.articleId),
  })
  const planned = (stored as unknown as readonly (ArticleEvent & StoredEvent)[]).find(
    (event) => event.type === 'QueriesGenerated' && event.metadata.correlation_id === callId,
  )
  if (planned?.type !== 'QueriesGenerated') return null
  const { round, by, note } = planned.data
  const queries = [...article.queries.values()].filter((query) => query.round === round)
  return { article, appended: null, queries, round, by, note }
}

/** Sources whose beginnings show the planner what is covered already. */
const excerptsMax = 40
const excerptChars = 2000

async function planFor(
  deps: CommandDeps & { model: LanguageModelPort | null },
  caller: Caller,
  command: { articleId: string; count: number; signal?: AbortSignal },
): Promise<ProposedQueries> {
  const { article } = await loadArticle(deps.store, caller.userId, command.articleId)
  const sources = [...article.sources.values()]
  const read = sources.filter((source) => source.markdown && source.origin !== 'research')
  const sourceExcerpts = []
  for (const source of read.slice(0, excerptsMax)) {
    const text = await deps.contents.text(caller.userId, source.markdown?.sha256 ?? '')
    sourceExcerpts.push({ title: source.title, excerpt: text.slice(0, excerptChars) })
  }
  return planQueries(
    {
      guidelineText: await deps.contents.text(caller.userId, article.guideline.sha256),
      title: article.title,
      linkTitles: sources.flatMap((source) =>
        source.title && source.origin !== 'research' ? [source.title] : [],
      ),
      sourceExcerpts,
      pastQueries: [...article.queries.values()].map((query) => query.query),
      results: sources
        .filter((source) => source.origin === 'research')
        .map((source) => ({
          title: source.title,
          snippet: source.snippet,
          kept: source.decision?.keep ?? null,
        })),
      count: command.count,
      year: deps.now().getUTCFullYear(),
      signal: command.signal ?? new AbortController().signal,
    },
    deps.model,
  )
}
