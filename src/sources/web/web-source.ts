import type { FetchedResponse } from '../fetch/guarded-fetch.ts'
import type { GatheredSource, GatherSource } from '../source.ts'
import { type FailureReason, SourceFailure } from '../source-failure.ts'
import type { PageReaders, ReadPage } from './read-page.ts'
import type { RenderPage } from './render-page.ts'
import { readWebPage } from './web-page.ts'
import { webRevision } from './web-revision.ts'

/** Changes when the same bytes may become other Markdown. */
const converter = 'web/3'

/** What a browser elsewhere may cure. What the site forbids is not among it. */
const curedByBrowser: ReadonlySet<FailureReason> = new Set(['NEEDS_JAVASCRIPT', 'EMPTY'])

/** What reading the web takes. */
export interface WebSettings extends PageReaders {
  /** Browsers elsewhere for pages that need JavaScript, in the order in which they are asked. */
  render?: readonly RenderPage[]
}

/** Reads web pages and documents; pages that need JavaScript with a browser elsewhere when there is one. */
export function createWebReader({ render = [], ...readers }: WebSettings): GatherSource {
  return async ({ url, signal }) => {
    try {
      return gathered(await readWebPage(readers, url, signal))
    } catch (error) {
      const isCurable = error instanceof SourceFailure && curedByBrowser.has(error.reason)
      if (!isCurable || render.length === 0) throw error
      const page = await firstRendered(render, url, signal)
      return { ...page, notes: [error.message, ...page.notes] }
    }
  }
}

/** The next browser is asked when one fails; what the last one says counts. */
async function firstRendered(
  render: readonly RenderPage[],
  url: string,
  signal: AbortSignal,
): Promise<GatheredSource> {
  let failure = new SourceFailure('NEEDS_JAVASCRIPT')
  for (const renderPage of render) {
    try {
      return await renderPage(url, signal)
    } catch (error) {
      if (!(error instanceof SourceFailure) || signal.aborted) throw error
      failure = error
    }
  }
  throw failure
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

function fetchNotes(response: FetchedResponse): string[] {
  const notes: string[] = []
  const moves = response.redirects.length
  if (moves > 0) notes.push(moves === 1 ? 'Redirected once.' : `Redirected ${moves} times.`)
  if (response.robots === 'allowed') notes.push('robots.txt allows reading it.')
  if (response.robots === 'no-rules') notes.push('The site has no robots.txt rules for us.')
  return notes
}
