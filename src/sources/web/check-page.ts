import { createHash } from 'node:crypto'
import type { GuardedFetch } from '../fetch/guarded-fetch.ts'
import { statusFailure } from '../fetch/status-failure.ts'
import type { GatherSource } from '../source.ts'
import { SourceFailure } from '../source-failure.ts'

/** A page as it was read. */
export interface KnownPage {
  url: string
  /** Its ETag or Last-Modified; null when it named none. */
  revision: string | null
  snapshotSha256: string
  markdown: string
  /** A model removed parts of the text, so only what is left of it can be compared. */
  isCleaned: boolean
}

export type PageCheck =
  | { outcome: 'unchanged'; sha256: string }
  /** `markdown` is the page's text now. */
  | { outcome: 'changed'; sha256: string; markdown: string }
  | { outcome: 'gone'; sha256: null; reason: string }
  | { outcome: 'unreachable'; sha256: null; reason: string }

export interface PageChecker {
  fetch: GuardedFetch
  gather: GatherSource
}

/**
 * Asks a page whether it still says what was read: conditionally when it named a version, by its bytes
 * otherwise. Other bytes with the same text, such as a new token in a form, count as unchanged. What
 * cannot be asked (robots.txt, time, the network) is unreachable and says why; only 404 and 410 are gone.
 */
export async function checkPage(
  { fetch, gather }: PageChecker,
  page: KnownPage,
  signal: AbortSignal,
): Promise<PageCheck> {
  try {
    const conditional = validatorsOf(page.revision)
    const answer = await fetch.fetch({ url: page.url, signal, ...(conditional && { conditional }) })
    if (answer.notModified) return { outcome: 'unchanged', sha256: page.snapshotSha256 }
    if (answer.status < 200 || answer.status > 299) throw statusFailure(answer.status)
    if (sha256Of(answer.bytes) === page.snapshotSha256) {
      return { outcome: 'unchanged', sha256: page.snapshotSha256 }
    }
    return await compareText(gather, page, signal)
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error
    signal.throwIfAborted()
    const outcome = error.reason === 'NOT_FOUND' ? 'gone' : 'unreachable'
    const reason = error.detail ? `${error.reason} (${error.detail})` : error.reason
    return { outcome, sha256: null, reason }
  }
}

/** Reads the page as it was read the first time, and compares what a reader would see. */
async function compareText(
  gather: GatherSource,
  page: KnownPage,
  signal: AbortSignal,
): Promise<PageCheck> {
  const now = await gather({ url: page.url, kind: 'web', signal })
  const sha256 = sha256Of(now.snapshot?.bytes ?? Buffer.from(now.markdown))
  const isSame = page.isCleaned
    ? holdsLines(now.markdown, page.markdown)
    : now.markdown === page.markdown
  if (isSame || sha256 === page.snapshotSha256) return { outcome: 'unchanged', sha256 }
  return { outcome: 'changed', sha256, markdown: now.markdown }
}

/** Whether every line of a part still stands in the whole, in its order. */
function holdsLines(whole: string, part: string): boolean {
  const wanted = part.split('\n').filter((line) => line.trim() !== '')
  let found = 0
  for (const line of whole.split('\n')) if (line === wanted[found]) found += 1
  return found === wanted.length
}

function validatorsOf(revision: string | null): { etag?: string; lastModified?: string } | null {
  if (revision === null) return null
  const isDate = /^[A-Z][a-z]{2}, \d{1,2} /.test(revision)
  return isDate ? { lastModified: revision } : { etag: revision }
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
