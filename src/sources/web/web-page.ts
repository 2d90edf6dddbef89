import type { Converted } from '../extraction/converted.ts'
import type { ExtractionPool } from '../extraction/extraction-pool.ts'
import type { FetchedResponse, GuardedFetch } from '../fetch/guarded-fetch.ts'
import { statusFailure } from '../fetch/status-failure.ts'
import { SourceFailure } from '../source-failure.ts'

export interface ReadPage {
  response: FetchedResponse
  converted: Converted
}

const refreshesMax = 3

/** Fetches one address and converts what came, following pages that only send readers on. */
export async function readWebPage(
  deps: { fetch: GuardedFetch; extraction: ExtractionPool },
  url: string,
  signal: AbortSignal,
): Promise<ReadPage> {
  const redirects: string[] = []
  let next = url
  for (let refreshes = 0; refreshes <= refreshesMax; refreshes += 1) {
    const response = await deps.fetch.fetch({ url: next, signal })
    if (response.status < 200 || response.status > 299) throw statusFailure(response.status)
    const { bytes, mediaType, charset } = response
    const request = { bytes, mediaType, charset, url: response.url }
    const converted = await deps.extraction.convert(request, signal)
    redirects.push(...response.redirects)
    if (!converted.movedTo) return { response: { ...response, redirects }, converted }
    redirects.push(response.url)
    next = converted.movedTo
  }
  throw new SourceFailure('TOO_MANY_REDIRECTS')
}
