import type { Converted } from '../extraction/converted.ts'
import type { ExtractionPool } from '../extraction/process/extraction-pool.ts'
import type { FetchedResponse, GuardedFetch } from '../fetch/guarded-fetch.ts'

/** What reading a page takes. */
export interface PageReaders {
  fetch: GuardedFetch
  extraction: ExtractionPool
}

export interface ReadPage {
  /** The page's answer; its bytes are those that the Markdown was made of. */
  response: FetchedResponse
  converted: Converted
}
