import { z } from 'zod'
import { contentRef, defineEvent, type EventOf, instant } from '../define-event.ts'
import { runEvents } from '../runs/run-events.ts'
import { slowToolNames } from './slow-tools.ts'

const source = () => z.number().int().min(1)
const url = () => z.string().min(1).max(4096)
const phrase = (max: number) => z.string().min(1).max(max)
const decidedBy = () => z.enum(['agent', 'model', 'heuristic'])

export const sourceKinds = ['web', 'github', 'youtube', 'file'] as const
const sourceKind = () => z.enum(sourceKinds)

export const ArticleCreated = defineEvent('ArticleCreated', {
  article_id: z.uuid(),
  title: phrase(300),
  guideline: contentRef(),
  created_at: instant(),
})

/** How much the guideline says of its links: to be read first, only besides, or nothing. */
/** What a guideline says of its own links; of most it says nothing. */
export const linkRanks = ['golden', 'other'] as const
const linkRank = () => z.enum(linkRanks).nullable()

/** Links get their source numbers here; a number names one source of one article for ever. */
export const UrlsExtracted = defineEvent(
  'UrlsExtracted',
  {
    links: z.array(
      z.strictObject({
        source: source(),
        url: url(),
        canonical: url(),
        kind: sourceKind(),
        rank: linkRank(),
      }),
    ),
    local_files: z.array(phrase(255)),
    extracted_at: instant(),
  },
  2,
)

export const LocalFileUploaded = defineEvent('LocalFileUploaded', {
  source: source(),
  name: phrase(255),
  original: contentRef(),
  markdown: contentRef(),
  uploaded_at: instant(),
})

/** `items` are numbers of sources, or of queries where the tool works on queries. */
export const OperationStarted = defineEvent(
  'OperationStarted',
  {
    operation_id: phrase(64),
    tool: z.enum(slowToolNames),
    items: z.array(source()).min(1),
    /** The month whose usage stream holds the call that the operation settles. */
    usage_month: z.string().regex(/^\d{4}-\d{2}$/),
    /** What that call counts, and gives back when nothing comes of the operation. */
    usage_weight: z.number().int().min(0),
    started_at: instant(),
  },
  2,
)

export const OperationFinished = defineEvent('OperationFinished', {
  operation_id: phrase(64),
  tool: z.enum(slowToolNames),
  outcome: z.enum(['completed', 'failed', 'cancelled']),
  succeeded: z.number().int().min(0),
  failed: z.number().int().min(0),
  finished_at: instant(),
})

export const OperationCancelled = defineEvent('OperationCancelled', {
  operation_id: phrase(64),
  cancelled_at: instant(),
})

export const SourceScraped = defineEvent('SourceScraped', {
  operation_id: phrase(64),
  source: source(),
  url: url(),
  final_url: url(),
  title: z.string().max(500),
  snapshot: contentRef().nullable(),
  markdown: contentRef(),
  converter: phrase(60),
  cleaned_by: phrase(120).nullable(),
  revision: phrase(300).nullable(),
  facts: z.strictObject({
    author: z.string().max(300).optional(),
    site: z.string().max(300).optional(),
    published_at: z.string().max(60).optional(),
    language: z.string().max(60).optional(),
    canonical_url: z.string().max(4096).optional(),
  }),
  notes: z.array(z.string().max(500)).max(50),
  retrieved_at: instant(),
})

/** `reason` is a code of our own catalogue, `detail` a number or limit of ours, never text of the page. */
export const SourceFailed = defineEvent('SourceFailed', {
  operation_id: phrase(64),
  source: source(),
  url: url(),
  reason: z.string().regex(/^[A-Z][A-Z_]{1,40}$/),
  detail: phrase(500).nullable(),
  retryable: z.boolean(),
  failed_at: instant(),
})

/** A page that was read before, asked again. `sha256` is of the bytes that it gives now. */
export const SourceChecked = defineEvent('SourceChecked', {
  source: source(),
  outcome: z.enum(['unchanged', 'changed', 'gone', 'unreachable']),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  checked_at: instant(),
})

export const QueriesGenerated = defineEvent('QueriesGenerated', {
  round: z.number().int().min(1),
  queries: z
    .array(z.strictObject({ query_number: source(), query: phrase(1000), reason: phrase(1000) }))
    .min(1),
  by: decidedBy(),
  note: phrase(500).nullable(),
  generated_at: instant(),
})

/** What one query found. A page known before keeps its number; `first` says that it is new. */
export const ResearchResultRecorded = defineEvent('ResearchResultRecorded', {
  operation_id: phrase(64),
  query_number: source(),
  provider: phrase(60),
  answer: contentRef().nullable(),
  found: z.array(
    z.strictObject({
      source: source(),
      first: z.boolean(),
      url: url(),
      canonical: url(),
      kind: sourceKind(),
      title: z.string().max(500),
      snippet: z.string().max(2000).nullable(),
      published_at: z.string().max(60).nullable(),
      cited: z.boolean(),
    }),
  ),
  cost_usd: z.number().min(0).nullable(),
  recorded_at: instant(),
})

export const ResearchQueryFailed = defineEvent('ResearchQueryFailed', {
  operation_id: phrase(64),
  query_number: source(),
  reason: z.string().regex(/^[A-Z][A-Z_]{1,40}$/),
  detail: phrase(500).nullable(),
  failed_at: instant(),
})

/** One decision per research source known at that time; a rejected source never comes back. */
export const SourcesSelected = defineEvent('SourcesSelected', {
  decisions: z.array(z.strictObject({ source: source(), keep: z.boolean(), reason: phrase(1000) })),
  by: decidedBy(),
  note: phrase(500).nullable(),
  selected_at: instant(),
})

export const SourcesChosenForScraping = defineEvent('SourcesChosenForScraping', {
  chosen: z.array(z.strictObject({ source: source(), reason: phrase(1000) })),
  /** Chosen before and no longer. */
  dropped: z.array(source()),
  by: decidedBy(),
  note: phrase(500).nullable(),
  chosen_at: instant(),
})

/** `through_version` names the article as compiled: replaying the events up to it gives the same bytes. */
export const ResearchCompiled = defineEvent(
  'ResearchCompiled',
  {
    research: contentRef(),
    /** research.json; null for what was compiled before there was one. */
    evidence: contentRef().nullable(),
    compiler: phrase(60),
    through_version: z.number().int().min(1),
    compiled_at: instant(),
  },
  2,
)

/** The title was given anew; what was compiled before keeps the old one. */
export const ArticleRenamed = defineEvent('ArticleRenamed', {
  title: phrase(300),
  renamed_at: instant(),
})

export const ArticleArchived = defineEvent('ArticleArchived', { archived_at: instant() })

/** It takes work again. */
export const ArticleUnarchived = defineEvent('ArticleUnarchived', { unarchived_at: instant() })

export const ArticleErased = defineEvent('ArticleErased', { erased_at: instant() })

export const articleEvents = [
  ArticleCreated,
  UrlsExtracted,
  LocalFileUploaded,
  OperationStarted,
  OperationFinished,
  OperationCancelled,
  SourceScraped,
  SourceFailed,
  SourceChecked,
  QueriesGenerated,
  ResearchResultRecorded,
  ResearchQueryFailed,
  SourcesSelected,
  SourcesChosenForScraping,
  ResearchCompiled,
  ArticleArchived,
  ArticleUnarchived,
  ArticleRenamed,
  ArticleErased,
  ...runEvents,
] as const

export type ArticleEvent = EventOf<(typeof articleEvents)[number]>

/** The stream of one article. */
export const articleStream = (articleId: string): string => `article-${articleId}`
