import type { ContentRef } from '../define-event.ts'
import type { ResearchRun } from '../runs/run-state.ts'
import type { ArticleStatus } from './article-status.ts'
import type { SlowTool } from './slow-tools.ts'

export interface ArticleSource {
  readonly number: number
  readonly kind: 'web' | 'github' | 'youtube' | 'file'
  /** Who named it: the guideline, a search, or the user by uploading it. */
  readonly origin: 'guideline' | 'research' | 'file'
  /** What the guideline says of its own link: to be read first, only besides, or nothing. */
  readonly rank: 'golden' | 'other' | null
  /** Address, or file name for a file. */
  readonly url: string
  readonly canonical: string
  readonly title: string
  readonly state: 'pending' | 'scraped' | 'failed'
  readonly failure: { reason: string; detail: string | null; retryable: boolean } | null
  readonly markdown: ContentRef | null
  readonly snapshot: ContentRef | null
  /** What names the version that was read, such as an ETag. */
  readonly revision: string | null
  /** The model that removed parts of the text. */
  readonly cleanedBy: string | null
  readonly finalUrl: string | null
  readonly retrievedAt: string | null
  readonly notes: readonly string[]
  readonly snippet: string | null
  readonly publishedAt: string | null
  readonly cited: boolean
  /** The queries that found it, in order. */
  readonly queries: readonly number[]
  readonly decision: { keep: boolean; reason: string } | null
  readonly chosen: { reason: string } | null
  /** The last time that it was asked again. */
  readonly checked: { outcome: CheckOutcome; at: string } | null
}

export type CheckOutcome = 'unchanged' | 'changed' | 'gone' | 'unreachable'

export interface ArticleQuery {
  readonly number: number
  readonly round: number
  readonly query: string
  readonly reason: string
  readonly state: 'waiting' | 'answered' | 'failed'
  readonly failure: { reason: string; detail: string | null } | null
  readonly provider: string | null
  readonly answer: ContentRef | null
  readonly found: readonly number[]
}

export interface Operation {
  readonly id: string
  readonly tool: SlowTool
  /** Numbers of sources, or of queries where the tool works on queries. */
  readonly items: readonly number[]
  readonly status: 'running' | 'cancelling' | 'completed' | 'failed' | 'cancelled'
  readonly succeeded: readonly number[]
  readonly failed: readonly number[]
  readonly startedAt: string
  /** When it began, an item of it was done, or it ended. */
  readonly changedAt: string
  readonly usageMonth: string
  /** What the call that began it counts. */
  readonly usageWeight: number
  /** What providers charged for its items so far, null when none named a price. */
  readonly costUsd: number | null
}

/** Everything a decision about one article may depend on. */
export interface ExistingArticle {
  readonly status: ArticleStatus
  readonly articleId: string
  readonly title: string
  readonly guideline: ContentRef
  readonly createdAt: string
  readonly extracted: boolean
  readonly archived: boolean
  readonly erased: boolean
  readonly expectedFiles: readonly string[]
  readonly sources: ReadonlyMap<number, ArticleSource>
  readonly queries: ReadonlyMap<number, ArticleQuery>
  readonly rounds: number
  readonly operations: ReadonlyMap<string, Operation>
  /** By id, oldest first. */
  readonly runs: ReadonlyMap<string, ResearchRun>
  readonly selectionMade: boolean
  readonly choiceMade: boolean
  readonly compiled: {
    research: ContentRef
    /** research.json, or null where there was none yet. */
    evidence: ContentRef | null
    throughVersion: number
    at: string
  } | null
}

export type Article = { readonly status: 'absent' } | ExistingArticle

export const initialArticle: Article = { status: 'absent' }
