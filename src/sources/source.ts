/** What a link is, decided by its exact host; each kind has its own adapter. */
export type SourceKind = 'web' | 'github' | 'youtube'

/** A source as read from the outside world: the bytes as they came and the Markdown made from them. */
export interface GatheredSource {
  title: string
  markdown: string
  /** The answer's bytes after decompression, kept as an immutable snapshot; null for composed sources
   * such as a repository, whose identity is `revision`. */
  snapshot: { bytes: Uint8Array; mediaType: string } | null
  finalUrl: string
  retrievedAt: Date
  /** Name and version of what made the Markdown, e.g. `web/1`; it changes when output may change. */
  converter: string
  /** The pinned commit of a repository, the ETag or Last-Modified of a page, the caption track of a video. */
  revision?: string
  facts: SourceFacts
  /** What was left out or decided on the way, one sentence each, shown with the source. */
  notes: string[]
}

/** What the source says of itself; every field is untrusted text or absent. */
export interface SourceFacts {
  author?: string
  site?: string
  publishedAt?: string
  language?: string
  canonicalUrl?: string
}

export interface GatherRequest {
  url: string
  kind: SourceKind
  signal: AbortSignal
}

/** Reads one source. Throws SourceFailure, whose reason is recorded; anything else is a bug. */
export type GatherSource = (request: GatherRequest) => Promise<GatheredSource>
