import type { LinkPurpose } from '../events/link-events.ts'
import { maxGuidelineBytes } from '../sources/guideline/guideline-text.ts'
import type { Caller, CommandDeps } from './handle.ts'
import { signLink } from './link-token.ts'
import { localFileBytesMax } from './upload-local-files.ts'
import { issueLink } from './use-link.ts'

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

/** Issues a link that a browser can open without a login; the issue is on record. */
export async function grantLink(
  deps: CommandDeps & { links: LinkSettings },
  caller: Caller,
  command: { purpose: LinkPurpose; articleId: string },
): Promise<{ url: string; expiresAt: Date }> {
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
  await issueLink(deps, caller, { ...command, linkId, expiresAt })
  return { url: `${links.serverUrl()}/${pathOf[command.purpose]}/${token}`, expiresAt }
}
