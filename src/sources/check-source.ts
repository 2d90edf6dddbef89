import { createHash } from 'node:crypto'
import type { GuardedFetch } from './fetch/guarded-fetch.ts'
import { statusFailure } from './fetch/status-failure.ts'
import type { GatherSource, SourceKind } from './source.ts'
import { SourceFailure } from './source-failure.ts'
import { conditionalOn } from './web/web-revision.ts'

/** A source as it was read. */
export interface KnownSource {
  kind: SourceKind
  url: string
  /** ETag or Last-Modified of a page, commit of a repository, caption track of a video; null without. */
  revision: string | null
  /** Null for what was composed of many answers. */
  snapshotSha256: string | null
  markdown: string
  /** A model removed parts of the text, so only what is left of it can be compared. */
  isCleaned: boolean
}

export type SourceCheck =
  | { outcome: 'unchanged'; sha256: string | null }
  /** `markdown` is the source's text now. */
  | { outcome: 'changed'; sha256: string; markdown: string }
  | { outcome: 'gone'; sha256: null; reason: string }
  | { outcome: 'unreachable'; sha256: null; reason: string }

export interface SourceChecker {
  fetch: GuardedFetch
  gather: GatherSource
}

/** What is no longer there, as against what could not be asked. */
const goneReasons: ReadonlySet<string> = new Set(['NOT_FOUND', 'NO_CAPTIONS', 'UNPLAYABLE'])

/**
 * Asks a source whether it still says what was read. Other bytes with the same text, such as a new token in a
 * form, count as unchanged. What cannot be asked (robots.txt, time, the network) is unreachable and says why.
 */
export async function checkSource(
  { fetch, gather }: SourceChecker,
  source: KnownSource,
  signal: AbortSignal,
): Promise<SourceCheck> {
  try {
    const isSame = source.kind === 'web' && (await givesSameBytes(fetch, source, signal))
    if (isSame) return { outcome: 'unchanged', sha256: source.snapshotSha256 }
    return await compareText(gather, source, signal)
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error
    signal.throwIfAborted()
    const outcome = goneReasons.has(error.reason) ? 'gone' : 'unreachable'
    const reason = error.detail ? `${error.reason} (${error.detail})` : error.reason
    return { outcome, sha256: null, reason }
  }
}

/** Asks a page conditionally when it named a version, and compares its bytes otherwise. */
async function givesSameBytes(
  fetch: GuardedFetch,
  { url, revision, snapshotSha256 }: KnownSource,
  signal: AbortSignal,
): Promise<boolean> {
  const conditional = revision === null ? {} : { conditional: conditionalOn(revision) }
  const answer = await fetch.fetch({ url, signal, ...conditional })
  if (answer.notModified) return true
  if (answer.status < 200 || answer.status > 299) throw statusFailure(answer.status)
  return sha256Of(answer.bytes) === snapshotSha256
}

/** Reads the source as it was read the first time, and compares what a reader would see. */
async function compareText(
  gather: GatherSource,
  source: KnownSource,
  signal: AbortSignal,
): Promise<SourceCheck> {
  const { url, kind } = source
  const now = await gather({ url, kind, signal })
  const sha256 = sha256Of(now.snapshot?.bytes ?? Buffer.from(now.markdown))
  const isSame = source.isCleaned
    ? holdsLines(now.markdown, source.markdown)
    : withoutCommit(kind, now.markdown) === withoutCommit(kind, source.markdown)
  if (isSame || sha256 === source.snapshotSha256) return { outcome: 'unchanged', sha256 }
  return { outcome: 'changed', sha256, markdown: now.markdown }
}

/** A commit elsewhere in the repository changes the commit's line in the digest of a folder, and nothing else. */
const withoutCommit = (kind: SourceKind, markdown: string): string =>
  kind === 'github' ? markdown.replace(/^- Commit: `[0-9a-f]{40}`$/m, '') : markdown

/** Whether every line of a part still stands in the whole, in its order. */
function holdsLines(whole: string, part: string): boolean {
  const wanted = part.split('\n').filter((line) => line.trim() !== '')
  let found = 0
  for (const line of whole.split('\n')) if (line === wanted[found]) found += 1
  return found === wanted.length
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
