import type { ArticleEvent } from './article-events.ts'
import { slowTools } from './slow-tools.ts'

/** The promised life of an article. It is derived from events, so it is always true. */
export const articleStatuses = [
  'created',
  'extracting_urls',
  'processing_sources',
  'researching',
  'selecting_sources',
  'scraping_research',
  'finalizing',
  'completed',
  'failed',
] as const
export type ArticleStatus = (typeof articleStatuses)[number]

/**
 * The status an event leaves behind, or null when it leaves it alone. Only the event itself counts, so
 * that the projection can say the same in one SQL expression (a test holds the two together).
 */
export function statusAfter(event: ArticleEvent): ArticleStatus | null {
  switch (event.type) {
    case 'ArticleCreated':
      return 'created'
    case 'UrlsExtracted':
      return 'extracting_urls'
    case 'OperationStarted':
      return slowTools[event.data.tool].status
    case 'OperationFinished':
      return event.data.outcome === 'failed' ? 'failed' : slowTools[event.data.tool].statusAfter
    case 'QueriesGenerated':
      return 'researching'
    case 'SourcesSelected':
      return 'selecting_sources'
    case 'SourcesChosenForScraping':
      return 'scraping_research'
    case 'ResearchCompiled':
      return 'completed'
    case 'LocalFileUploaded':
    case 'OperationCancelled':
    case 'SourceScraped':
    case 'SourceFailed':
    case 'SourceChecked':
    case 'ResearchResultRecorded':
    case 'ResearchQueryFailed':
    case 'ArticleArchived':
    case 'ArticleUnarchived':
    case 'ArticleRenamed':
    case 'ArticleErased':
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
      return null
  }
}
