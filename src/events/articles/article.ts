import { changeRun, type ResearchRun } from '../runs/run-state.ts'
import type { ArticleEvent } from './article-events.ts'
import { changeOperation, itemDone } from './article-operations.ts'
import type {
  Article,
  ArticleQuery,
  ArticleSource,
  ExistingArticle,
  Operation,
} from './article-state.ts'
import { statusAfter } from './article-status.ts'

/** The article after an event. Events of an article that was never created change nothing. */
export const evolveArticle = (state: Article, event: ArticleEvent): Article =>
  foldArticle(state, [event])

/**
 * The article after events, oldest first. What it holds is copied once and not once per event: a thousand
 * sources with a thousand outcomes are then a thousand steps and not a million.
 */
export function foldArticle(state: Article, events: readonly ArticleEvent[]): Article {
  let draft = state.status === 'absent' ? null : draftOf(state)
  for (const event of events) {
    if (event.type === 'ArticleCreated') draft = draftOf(createdArticle(event.data))
    else if (draft) {
      apply(draft, event)
      draft.status = statusAfter(event) ?? draft.status
    }
  }
  return draft ?? state
}

/** An article under construction: its maps are its own and are written in place. */
type Draft = { -readonly [Field in keyof ExistingArticle]: ExistingArticle[Field] } & {
  readonly sources: Map<number, ArticleSource>
  readonly queries: Map<number, ArticleQuery>
  readonly operations: Map<string, Operation>
  readonly runs: Map<string, ResearchRun>
}

const draftOf = (article: ExistingArticle): Draft => ({
  ...article,
  sources: new Map(article.sources),
  queries: new Map(article.queries),
  operations: new Map(article.operations),
  runs: new Map(article.runs),
})

const createdArticle = (
  data: Extract<ArticleEvent, { type: 'ArticleCreated' }>['data'],
): ExistingArticle => ({
  status: 'created',
  articleId: data.article_id,
  title: data.title,
  guideline: data.guideline,
  createdAt: data.created_at,
  extracted: false,
  archived: false,
  erased: false,
  expectedFiles: [],
  sources: new Map(),
  queries: new Map(),
  rounds: 0,
  operations: new Map(),
  runs: new Map(),
  selectionMade: false,
  choiceMade: false,
  compiled: null,
})

function apply(draft: Draft, event: Exclude<ArticleEvent, { type: 'ArticleCreated' }>): void {
  const { sources, queries, operations } = draft
  switch (event.type) {
    case 'UrlsExtracted':
      draft.extracted = true
      draft.expectedFiles = event.data.local_files
      for (const link of event.data.links) {
        sources.set(link.source, {
          ...blankSource,
          number: link.source,
          kind: link.kind,
          origin: 'guideline',
          url: link.url,
          canonical: link.canonical,
          rank: link.rank,
        })
      }
      return
    case 'LocalFileUploaded':
      sources.set(event.data.source, uploadedFile(event.data))
      return
    case 'OperationStarted':
    case 'OperationFinished':
    case 'OperationCancelled':
      changeOperation(operations, event)
      return
    case 'SourceScraped':
      sourceDone(operations, event.data, event.data.retrieved_at, true)
      change(sources, event.data.source, {
        state: 'scraped',
        title: event.data.title,
        failure: null,
        markdown: event.data.markdown,
        snapshot: event.data.snapshot,
        revision: event.data.revision,
        cleanedBy: event.data.cleaned_by,
        finalUrl: event.data.final_url,
        retrievedAt: event.data.retrieved_at,
        notes: event.data.notes,
      })
      return
    case 'SourceFailed':
      sourceDone(operations, event.data, event.data.failed_at, false)
      change(sources, event.data.source, { state: 'failed', failure: event.data })
      return
    case 'SourceChecked':
      change(sources, event.data.source, {
        checked: { outcome: event.data.outcome, at: event.data.checked_at },
      })
      return
    case 'QueriesGenerated':
      draft.rounds = event.data.round
      for (const item of event.data.queries) {
        queries.set(item.query_number, askedQuery(item, event.data.round))
      }
      return
    case 'ResearchResultRecorded':
      queryDone(operations, event.data, event.data.recorded_at, true)
      change(queries, event.data.query_number, {
        state: 'answered',
        failure: null,
        provider: event.data.provider,
        answer: event.data.answer,
        found: event.data.found.map((item) => item.source),
      })
      addFound(sources, event.data)
      return
    case 'ResearchQueryFailed':
      queryDone(operations, event.data, event.data.failed_at, false)
      change(queries, event.data.query_number, { state: 'failed', failure: event.data })
      return
    case 'SourcesSelected':
      draft.selectionMade = true
      for (const { source, keep, reason } of event.data.decisions) {
        change(sources, source, { decision: { keep, reason } })
      }
      return
    case 'SourcesChosenForScraping':
      draft.choiceMade = true
      for (const source of event.data.dropped) change(sources, source, { chosen: null })
      for (const { source, reason } of event.data.chosen) {
        change(sources, source, { chosen: { reason } })
      }
      return
    case 'ResearchCompiled':
      draft.compiled = {
        research: event.data.research,
        evidence: event.data.evidence,
        throughVersion: event.data.through_version,
        at: event.data.compiled_at,
      }
      return
    case 'ArticleArchived':
      draft.archived = true
      return
    case 'ArticleRenamed':
      draft.title = event.data.title
      return
    case 'ArticleUnarchived':
      draft.archived = false
      return
    case 'ArticleErased':
      draft.archived = true
      draft.erased = true
      return
    case 'ResearchRunStarted':
    case 'ResearchRunStepBegun':
    case 'ResearchRunStepEnded':
    case 'ResearchRunPaused':
    case 'ResearchRunResumed':
    case 'ResearchRunFinished':
    case 'ResearchRunCancelled':
    case 'ResearchRunWebhookSet':
    case 'ResearchRunOutcomeSent':
    case 'ResearchRunOutcomeNotSent':
      changeRun(draft.runs, event, draft.rounds)
      return
  }
}

const sourceDone = (
  operations: Map<string, Operation>,
  { operation_id: operationId, source: item }: { operation_id: string; source: number },
  at: string,
  ok: boolean,
): void => itemDone(operations, { operationId, item, ok, at })

const queryDone = (
  operations: Map<string, Operation>,
  data: { operation_id: string; query_number: number; cost_usd?: number | null },
  at: string,
  ok: boolean,
): void =>
  itemDone(operations, {
    operationId: data.operation_id,
    item: data.query_number,
    ok,
    at,
    costUsd: data.cost_usd ?? null,
  })

const blankSource: Omit<ArticleSource, 'number' | 'kind' | 'origin' | 'url' | 'canonical'> = {
  rank: null,
  title: '',
  state: 'pending',
  failure: null,
  markdown: null,
  snapshot: null,
  revision: null,
  cleanedBy: null,
  finalUrl: null,
  retrievedAt: null,
  notes: [],
  snippet: null,
  publishedAt: null,
  cited: false,
  queries: [],
  decision: null,
  chosen: null,
  checked: null,
}

const uploadedFile = (
  data: Extract<ArticleEvent, { type: 'LocalFileUploaded' }>['data'],
): ArticleSource => ({
  ...blankSource,
  number: data.source,
  kind: 'file',
  origin: 'file',
  url: data.name,
  canonical: data.name,
  title: data.name,
  state: 'scraped',
  markdown: data.markdown,
  snapshot: data.original,
  retrievedAt: data.uploaded_at,
})

const askedQuery = (
  item: { query_number: number; query: string; reason: string },
  round: number,
): ArticleQuery => ({
  number: item.query_number,
  round,
  query: item.query,
  reason: item.reason,
  state: 'waiting',
  failure: null,
  provider: null,
  answer: null,
  found: [],
})

function change<Item>(items: Map<number, Item>, number: number, fields: Partial<Item>): void {
  const item = items.get(number)
  if (item) items.set(number, { ...item, ...fields })
}

/** A page found again keeps its number, its decision and its text; it only gains the query. */
function addFound(
  sources: Map<number, ArticleSource>,
  data: Extract<ArticleEvent, { type: 'ResearchResultRecorded' }>['data'],
): void {
  for (const item of data.found) {
    const source: ArticleSource = sources.get(item.source) ?? {
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
    sources.set(item.source, { ...source, queries: [...source.queries, data.query_number] })
  }
}
