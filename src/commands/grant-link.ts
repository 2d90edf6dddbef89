import type { LinkPurpose } from '../events/link-events.ts'
import { maxGuidelineBytes } from '../sources/guideline/guideline-text.ts'
import type { Appended, Beside } from '../store/event-store.ts'
import { appendingWith } from './appending-with.ts'
import type { Caller, CommandDeps } from './handle.ts'
import { signLink } from './link-token.ts'
import { localFileBytesMax } from './upload-local-files.ts'
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
  issued: Beside
}

interface GrantLink {
  purpose: LinkPurpose
  articleId: string
}

/** Makes a link that a browser can open without a login. It asks nobody, so it can come before a commit. */
export function prepareLink(
  deps: Pick<CommandDeps, 'now' | 'newId'> & { links: LinkSettings },
  caller: Caller,
  command: GrantLink,
): PreparedLink {
  const { links } = deps
  const minutes = command.purpose.startsWith('upload') ? links.uploadMinutes : links.downloadMinutes
  const expiresAt = new Date(deps.now().getTime() + minutes * 60_000)
  const linkId = deps.newId()
  const token = signLink(links.keys, {
    linkId,
    purpose: command.purpose,
    userId: caller.userId,
    articleId: command.articleId,
    expiresAt,
    bytesMax: bytesMaxOf[command.purpose],
  })
  const issued = linkIssue({ ...command, linkId, expiresAt }, deps.now())
  return { url: `${links.serverUrl()}/${pathOf[command.purpose]}/${token}`, expiresAt, issued }
}

/** Issues a link; the issue is on record. */
export async function grantLink(
  deps: CommandDeps & { links: LinkSettings },
  caller: Caller,
  command: GrantLink,
): Promise<PreparedLink> {
  const link = prepareLink(deps, caller, command)
  await recordIssue(deps, caller, link.issued)
  return link
}

/**
 * Does `act` and issues the link, in one append: after the commit nothing is left to do that could fail. An
 * act that has nothing to add leaves the issue to an append of its own.
 */
export async function grantingLink<
  Deps extends Pick<CommandDeps, 'store'>,
  Done extends { appended: Appended | null },
>(
  deps: Deps,
  caller: Caller,
  { issued }: PreparedLink,
  act: (deps: Deps) => Promise<Done>,
): Promise<Done> {
  const store = appendingWith(deps.store, () => ({ beside: [issued] }))
  const done = await act({ ...deps, store })
  if (!done.appended) await recordIssue(deps, caller, issued)
  return done
}
