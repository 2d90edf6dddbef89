import type { FoundCandidate } from '../../src/research/judging/score-sources.ts'

export const guidelineText = `# Event sourcing in PostgreSQL

## Append-only event stores
- audit trails, optimistic concurrency, expected version

## Projections
- rebuilding read models without downtime
`

/** A page on the topic of the guideline, unless told otherwise. */
export const candidate = (number: number, more: Partial<FoundCandidate> = {}): FoundCandidate => ({
  number,
  url: `https://site${number}.example/event-store`,
  title: `Event store number ${number} on PostgreSQL`,
  snippet: 'Append-only event sourcing with optimistic concurrency and projections.',
  query: 'event sourcing PostgreSQL append-only',
  published_at: '2026-01-01',
  cited: false,
  ...more,
})

export const offTopic = {
  title: 'Ten recipes for summer salads',
  snippet: 'Cucumber, tomato and feta with a lemon dressing.',
}
