import { cleanMarkdown } from '../extraction/clean-markdown.ts'
import type { ExtractionPool } from '../extraction/extraction-pool.ts'
import type { FetchedResponse, GuardedFetch } from '../fetch/guarded-fetch.ts'
import type { GatheredSource, GatherSource } from '../source.ts'
import { type FailureReason, SourceFailure } from '../source-failure.ts'
import { createFirecrawl, type Firecrawl, type FirecrawlSettings } from './firecrawl.ts'
import type { ReadPage } from './read-page.ts'
import { readWebPage } from './web-page.ts'
import { webRevision } from './web-revision.ts'

/** Changes when the same bytes may become other Markdown. */
const converter = 'web/3'

/** What a browser elsewhere may cure. What the site forbids is not among it. */
const curedByBrowser: ReadonlySet<FailureReason> = new Set(['NEEDS_JAVASCRIPT', 'EMPTY'])

/** Reads web pages and documents; pages that need JavaScript through Firecrawl when there is a key. */
export function createWebReader(deps: {
  fetch: GuardedFetch
  extraction: ExtractionPool
  firecrawl?: FirecrawlSettings
}): GatherSource {
  const { fetch, extraction } = deps
  const firecrawl = deps.firecrawl && createFirecrawl(fetch, deps.firecrawl)
  return async ({ url, signal }) => {
    try {
      return gathered(await readWebPage({ fetch, extraction }, url, signal))
    } catch (error) {
      const cured = error instanceof SourceFailure && curedByBrowser.has(error.reason)
      if (!cured || !firecrawl) throw error
      return await readWithBrowser(firecrawl, url, signal, error.message)
    }
  }
}

function gathered({ response, converted }: ReadPage): GatheredSource {
  const revision = webRevision(response.headers)
  return {
    title: converted.title,
    markdown: converted.markdown,
    snapshot: {
      bytes: response.bytes,
      mediaType: response.mediaType || 'application/octet-stream',
    },
    finalUrl: response.url,
    retrievedAt: response.retrievedAt,
    converter,
    ...(revision ? { revision } : {}),
    facts: converted.facts,
    notes: [...fetchNotes(response), ...converted.notes],
  }
}

async function readWithBrowser(
  firecrawl: Firecrawl,
  url: string,
  signal: AbortSignal,
  why: string,
): Promise<GatheredSource> {
  const page = await firecrawl(url, signal)
  const markdown = cleanMarkdown(page.markdown)
  return {
    title: page.title || new URL(page.finalUrl).hostname,
    markdown,
    snapshot: { bytes: new TextEncoder().encode(page.markdown), mediaType: 'text/markdown' },
    finalUrl: page.finalUrl,
    retrievedAt: new Date(),
    converter: 'firecrawl/2',
    facts: page.facts,
    notes: [why, 'Read through Firecrawl.'],
  }
}

function fetchNotes(response: FetchedResponse): string[] {
  const notes: string[] = []
  const moves = response.redirects.length
  if (moves > 0) notes.push(moves === 1 ? 'Redirected once.' : `Redirected ${moves} times.`)
  if (response.robots === 'allowed') notes.push('robots.txt allows reading it.')
  if (response.robots === 'no-rules') notes.push('The site has no robots.txt rules for us.')
  return notes
}
