import { SourceScraped } from '../../src/events/articles/article-events.ts'

/** What is appended everywhere: one page that was read, some 600 bytes of JSON. */
export const scraped = SourceScraped({
  operation_id: '0197a3c2-5b1e-7c3d-9f40-1f2e3d4c5b6a',
  source: 7,
  url: 'https://a.example/articles/event-sourcing-in-practice',
  final_url: 'https://a.example/articles/event-sourcing-in-practice',
  title: 'Event sourcing in practice: what nobody told us',
  snapshot: { sha256: 'a'.repeat(64), size: 48_213, media_type: 'text/html' },
  markdown: { sha256: 'b'.repeat(64), size: 12_907, media_type: 'text/markdown' },
  converter: 'web/1',
  cleaned_by: null,
  revision: null,
  facts: { site: 'a.example' },
  notes: [],
  retrieved_at: '2026-05-01T12:00:00.000Z',
})

export const metadata = { actor: 'job' as const, correlation_id: '0197a3c2-5b1e-7c3d-9f40' }

/** Appends that one stream takes before a lane goes on to the next. */
export const appendsPerStream = 50
