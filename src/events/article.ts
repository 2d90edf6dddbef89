import type { ArticleEvent } from './article-events.ts'
import { evolveOperations, withItemDone } from './article-operations.ts'
import type { Article, ArticleQuery, ArticleSource, ExistingArticle } from './article-state.ts'
import { statusAfter } from './article-status.ts'

/** The article after an event. Events of an article that was never created change nothing. */
export function evolveArticle(state: Article, event: ArticleEvent): Article {
  if (event.type === 'ArticleCreated') {
    return {
      status: 'created',
      articleId: event.data.article_id,
      title: event.data.title,
      guideline: event.data.guideline,
      createdAt: event.data.created_at,
      extracted: false,
      archived: false,
      erased: false,
      expectedFiles: [],
      sources: new Map(),
      queries: new Map(),
      rounds: 0,
      operations: new Map(),
      selectionMade: false,
      choiceMade: false,
      compiled: null,
    }
  }
  if (state.status === 'absent') return state
  return { ...evolveFacts(state, event), status: statusAfter(event) ?? state.status }
}

function evolveFacts(state: ExistingArticle, event: ArticleEvent): ExistingArticle {
  switch (event.type) {
    case 'ArticleCreated':
      return state
    case 'UrlsExtracted':
      return {
        ...state,
        extracted: true,
        expectedFiles: event.data.local_files,
        sources: withSources(
          state.sources,
          event.data.links.map((link) => ({
            ...blankSource,
            number: link.source,
            kind: link.kind,
            origin: 'guideline',
            url: link.url,
            canonical: link.canonical,
          })),
        ),
      }
    case 'LocalFileUploaded':
      return {
        ...state,
        sources: withSources(state.sources, [
          {
            ...blankSource,
            number: event.data.source,
            kind: 'file',
            origin: 'file',
            url: event.data.name,
            canonical: event.data.name,
            title: event.data.name,
            state: 'scraped',
            markdown: event.data.markdown,
            snapshot: event.data.original,
            retrievedAt: event.data.uploaded_at,
          },
        ]),
      }
    case 'OperationStarted':
    case 'OperationFinished':
    case 'OperationCancelled':
      return { ...state, operations: evolveOperations(state.operations, event) }
    case 'SourceScraped':
      return {
        ...withItemDone(state, event.data.operation_id, event.data.source, true),
        sources: changeSource(state.sources, event.data.source, {
          state: 'scraped',
          title: event.data.title,
          failure: null,
          markdown: event.data.markdown,
          snapshot: event.data.snapshot,
          finalUrl: event.data.final_url,
          retrievedAt: event.data.retrieved_at,
          notes: event.data.notes,
        }),
      }
    case 'SourceFailed':
      return {
        ...withItemDone(state, event.data.operation_id, event.data.source, false),
        sources: changeSource(state.sources, event.data.source, {
          state: 'failed',
          failure: event.data,
        }),
      }
    case 'QueriesGenerated':
      return {
        ...state,
        rounds: event.data.round,
        queries: new Map([
          ...state.queries,
          ...event.data.queries.map(
            (item) =>
              [
                item.query_number,
                {
                  number: item.query_number,
                  round: event.data.round,
                  query: item.query,
                  reason: item.reason,
                  state: 'waiting',
                  failure: null,
                  provider: null,
                  answer: null,
                  found: [],
                },
              ] as const,
          ),
        ]),
      }
    case 'ResearchResultRecorded':
      return {
        ...withItemDone(
          state,
          event.data.operation_id,
          event.data.query_number,
          true,
          event.data.cost_usd,
        ),
        queries: changeQuery(state.queries, event.data.query_number, {
          state: 'answered',
          failure: null,
          provider: event.data.provider,
          answer: event.data.answer,
          found: event.data.found.map((item) => item.source),
        }),
        sources: withFound(state.sources, event.data),
      }
    case 'ResearchQueryFailed':
      return {
        ...withItemDone(state, event.data.operation_id, event.data.query_number, false),
        queries: changeQuery(state.queries, event.data.query_number, {
          state: 'failed',
          failure: event.data,
        }),
      }
    case 'SourcesSelected': {
      const decisions = new Map(event.data.decisions.map((item) => [item.source, item]))
      return {
        ...state,
        selectionMade: true,
        sources: mapSources(state.sources, (source) => {
          const decision = decisions.get(source.number)
          return decision
            ? { ...source, decision: { keep: decision.keep, reason: decision.reason } }
            : source
        }),
      }
    }
    case 'SourcesChosenForScraping': {
      const chosen = new Map(event.data.chosen.map((item) => [item.source, item.reason]))
      const dropped = new Set(event.data.dropped)
      return {
        ...state,
        choiceMade: true,
        sources: mapSources(state.sources, (source) => {
          const reason = chosen.get(source.number)
          if (reason !== undefined) return { ...source, chosen: { reason } }
          return dropped.has(source.number) ? { ...source, chosen: null } : source
        }),
      }
    }
    case 'ResearchCompiled':
      return {
        ...state,
        compiled: {
          research: event.data.research,
          throughVersion: event.data.through_version,
          at: event.data.compiled_at,
        },
      }
    case 'ArticleArchived':
      return { ...state, archived: true }
    case 'ArticleErased':
      return { ...state, archived: true, erased: true }
  }
}

const blankSource: Omit<ArticleSource, 'number' | 'kind' | 'origin' | 'url' | 'canonical'> = {
  title: '',
  state: 'pending',
  failure: null,
  markdown: null,
  snapshot: null,
  finalUrl: null,
  retrievedAt: null,
  notes: [],
  snippet: null,
  publishedAt: null,
  cited: false,
  queries: [],
  decision: null,
  chosen: null,
}

type Sources = ExistingArticle['sources']

const withSources = (sources: Sources, added: ArticleSource[]): Sources =>
  new Map([...sources, ...added.map((source) => [source.number, source] as const)])

const mapSources = (sources: Sources, change: (source: ArticleSource) => ArticleSource): Sources =>
  new Map([...sources].map(([number, source]) => [number, change(source)]))

function changeSource(sources: Sources, number: number, change: Partial<ArticleSource>): Sources {
  const source = sources.get(number)
  return source ? new Map(sources).set(number, { ...source, ...change }) : sources
}

/** A page found again keeps its number, its decision and its text; it only gains the query. */
function withFound(
  sources: Sources,
  data: Extract<ArticleEvent, { type: 'ResearchResultRecorded' }>['data'],
): Sources {
  const next = new Map(sources)
  for (const item of data.found) {
    const known = next.get(item.source)
    const source: ArticleSource = known ?? {
      ...blankSource,
      number: item.source,
      kind: item.kind,
      origin: 'research',
      url: item.url,
      canonical: item.canonical,
      title: item.title,
      snippet: item.snippet,
      publishedAt: item.published_at,
      cited: item.cited,
    }
    next.set(item.source, { ...source, queries: [...source.queries, data.query_number] })
  }
  return next
}

function changeQuery(
  queries: ExistingArticle['queries'],
  number: number,
  change: Partial<ArticleQuery>,
): ExistingArticle['queries'] {
  const query = queries.get(number)
  return query ? new Map(queries).set(number, { ...query, ...change }) : queries
}
