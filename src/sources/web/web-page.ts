import { statusFailure } from '../fetch/status-failure.ts'
import { SourceFailure } from '../source-failure.ts'
import { pageAsMarkdown } from './page-as-markdown.ts'
import type { PageReaders, ReadPage } from './read-page.ts'

const refreshesMax = 3

/** Fetches one address and converts what came, following pages that only send readers on. */
export async function readWebPage(
  deps: PageReaders,
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
    if (!converted.movedTo) {
      const page = { response: { ...response, redirects }, converted }
      const asMarkdown = await pageAsMarkdown(deps, page, signal)
      if (asMarkdown) return asMarkdown
      if (converted.unreadable) throw new SourceFailure(converted.unreadable)
      return page
    }
    redirects.push(response.url)
    next = converted.movedTo
  }
  throw new SourceFailure('TOO_MANY_REDIRECTS')
}
