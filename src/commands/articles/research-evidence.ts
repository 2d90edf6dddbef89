import type { ArticleEvent } from '../../events/articles/article-events.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import type { ContentRef, StoredEvent } from '../../events/define-event.ts'
import type { EvidenceInput, SourceEvidence } from '../../research/compile/evidence.ts'
import type { ResearchInput } from '../../research/research-input.ts'

type Stored = ArticleEvent & StoredEvent
type SourceEvents = SourceEvidence['events']

/** What research.json is made of: the article, its events up to the version that was compiled, and research.md's hash. */
export function evidenceInput(
  article: ExistingArticle,
  events: readonly Stored[],
  input: ResearchInput,
  research: Pick<ContentRef, 'sha256' | 'size'>,
): EvidenceInput {
  const ids = eventIds(events)
  const sources = [...article.sources.values()].map((source): [number, SourceEvidence] => [
    source.number,
    {
      canonical: source.canonical,
      final_url: source.finalUrl,
      snapshot_sha256: source.snapshot?.sha256 ?? null,
      markdown_sha256: source.markdown?.sha256 ?? null,
      markdown_bytes: source.markdown?.size ?? null,
      revision: source.revision,
      cleaned_by: source.cleanedBy,
      chosen: source.chosen?.reason ?? null,
      events: ids.sources.get(source.number) ?? nothing(),
    },
  ])
  return {
    input,
    articleId: article.articleId,
    guidelineSha256: article.guideline.sha256,
    research: { sha256: research.sha256, size: research.size },
    sources: new Map(sources),
    queries: ids.queries,
  }
}

const nothing = (): SourceEvents => ({ named: null, read: null, decided: null })

/** The latest event of each kind about each source and query. */
function eventIds(events: readonly Stored[]) {
  const sources = new Map<number, SourceEvents>()
  const queries = new Map<number, { asked: string | null; outcome: string | null }>()
  const note = (source: number, what: Partial<SourceEvents>) =>
    sources.set(source, { ...(sources.get(source) ?? nothing()), ...what })
  const outcome = (query: number, eventId: string) =>
    queries.set(query, { asked: queries.get(query)?.asked ?? null, outcome: eventId })
  for (const { eventId, ...event } of events) {
    switch (event.type) {
      case 'UrlsExtracted':
        for (const { source } of event.data.links) note(source, { named: eventId })
        break
      case 'LocalFileUploaded':
        note(event.data.source, { named: eventId, read: eventId })
        break
      case 'SourceScraped':
      case 'SourceFailed':
        note(event.data.source, { read: eventId })
        break
      case 'SourcesSelected':
        for (const { source } of event.data.decisions) note(source, { decided: eventId })
        break
      case 'QueriesGenerated':
        for (const { query_number } of event.data.queries) {
          queries.set(query_number, { asked: eventId, outcome: null })
        }
        break
      case 'ResearchResultRecorded':
        outcome(event.data.query_number, eventId)
        for (const { source, first } of event.data.found) {
          if (first) note(source, { named: eventId })
        }
        break
      case 'ResearchQueryFailed':
        outcome(event.data.query_number, eventId)
        break
      default:
    }
  }
  return { sources, queries }
}
