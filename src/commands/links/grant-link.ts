import type { LinkPurpose } from '../../events/links/link-events.ts'
import { maxGuidelineBytes } from '../../sources/guideline/guideline-text.ts'
import type { Append, Appended } from '../../store/events/event-store.ts'
import { localFileBytesMax } from '../articles/upload-local-files.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { type LinkClaims, signLink } from './link-token.ts'
import { linkGeneration } from './revoke-links.ts'
import { linkIssue, recordIssue } from './use-link.ts'

/** How links are signed and how long they live. */
export interface LinkSettings {
  /** Newest first. */
  keys: readonly string[]
  /** The address clients use, without a trailing slash. */
  serverUrl: () => string
  uploadMinutes: number
  downloadMinutes: number
}

const pathOf: Readonly<Record<LinkPurpose, string>> = {
  upload_guideline: 'upload',
  upload_files: 'upload',
  download: 'download',
  watch: 'watch',
}

const bytesMaxOf: Readonly<Record<LinkPurpose, number>> = {
  upload_guideline: maxGuidelineBytes,
  upload_files: localFileBytesMax * 5,
  download: 0,
  watch: 0,
}

/** A link that is ready to be given away once `issued` is on record. */
export interface PreparedLink {
  url: string
  expiresAt: Date
  issued: Append
}

interface GrantLink {
  purpose: LinkPurpose
  articleId: string
  /** The link through which this one is asked for: the new one neither outlives nor exceeds it. */
  within?: LinkClaims
}

/** Uploads that links made through one link may bring in all. */
const uploadsThroughMax = 5

/** Makes a link that a browser can open without a login. It appends nothing, so it can come before a commit. */
export async function prepareLink(
  deps: Pick<CommandDeps, 'store' | 'now' | 'newId'> & { links: LinkSettings },
  caller: Caller,
  { purpose, articleId, within }: GrantLink,
): Promise<PreparedLink> {
  const { links } = deps
  const minutes = purpose.startsWith('upload') ? links.uploadMinutes : links.downloadMinutes
  const fullLife = deps.now().getTime() + minutes * 60_000
  const expiresAt = new Date(Math.min(fullLife, within?.expiresAt.getTime() ?? fullLife))
  const through = within?.through ?? {
    uploads: uploadsThroughMax,
    bytesMax: bytesMaxOf.upload_files,
  }
  const linkId = deps.newId()
  const token = await signLink(links.keys, {
    linkId,
    rootId: within?.rootId ?? linkId,
    purpose,
    userId: caller.userId,
    articleId,
    expiresAt,
    bytesMax: Math.min(bytesMaxOf[purpose], within ? through.bytesMax : bytesMaxOf[purpose]),
    through,
    generation: within?.generation ?? (await linkGeneration(deps.store, caller.userId, articleId)),
  })
  const issued = linkIssue({ purpose, articleId, linkId, expiresAt }, deps.now())
  return { url: `${links.serverUrl()}/${pathOf[purpose]}/${token}`, expiresAt, issued }
}

/** Issues a link; the issue is on record. */
export async function grantLink(
  deps: CommandDeps & { links: LinkSettings },
  caller: Caller,
  command: GrantLink,
): Promise<PreparedLink> {
  const link = await prepareLink(deps, caller, command)
  await recordIssue(deps, caller, link.issued)
  return link
}

/**
 * Does `act` and issues the link, in one append: after the commit nothing is left to do that could fail. An
 * act that has nothing to add leaves the issue to an append of its own.
 */
export async function grantingLink<
  Deps extends Pick<CommandDeps, 'store' | 'beside'>,
  Done extends { appended: Appended | null },
>(
  deps: Deps,
  caller: Caller,
  { issued }: PreparedLink,
  act: (deps: Deps) => Promise<Done>,
): Promise<Done> {
  const done = await act({ ...deps, beside: async () => [issued] })
  if (!done.appended) await recordIssue(deps, caller, issued)
  return done
}
