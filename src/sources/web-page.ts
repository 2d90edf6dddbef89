import type { Converted } from './extraction/converted.ts'
import type { ExtractionPool } from './extraction-pool.ts'
import type { FetchedResponse, GuardedFetch } from './guarded-fetch.ts'
import { statusFailure } from './status-failure.ts'

export interface ReadPage {
  response: FetchedResponse
  converted: Converted
}

/** Fetches one address and converts what came. Throws SourceFailure. */
export async function readWebPage(
  deps: { fetch: GuardedFetch; extraction: ExtractionPool },
  url: string,
  signal: AbortSignal,
): Promise<ReadPage> {
  const response = await deps.fetch.fetch({ url, signal })
  if (response.status < 200 || response.status > 299) throw statusFailure(response.status)
  const { bytes, mediaType, charset } = response
  const request = { bytes, mediaType, charset, url: response.url }
  return { response, converted: await deps.extraction.convert(request, signal) }
}
