import type { SourceFacts } from '../source.ts'

/** What a converter makes of an answer's bytes. */
export interface Converted {
  title: string
  markdown: string
  facts: SourceFacts
  /** What was decided or left out, one sentence each. */
  notes: string[]
  /** The page only sends its readers on, to this address. */
  movedTo?: string
  /** Where the page says that it stands as Markdown too, on its own origin. */
  markdownAt?: string
  /** The page shows nothing without its scripts: all it gives is what it says of itself. */
  unreadable?: 'NEEDS_JAVASCRIPT' | 'EMPTY'
}
