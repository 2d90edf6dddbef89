import { LinkDownloaded, linkStream } from '../../events/links/link-events.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import type { LinkClaims } from './link-token.ts'

/** Puts on record that somebody took research.md through a link. */
export async function recordDownload(
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  { linkId, articleId }: Pick<LinkClaims, 'linkId' | 'articleId'>,
): Promise<void> {
  const downloaded = LinkDownloaded({
    link_id: linkId,
    article_id: articleId,
    downloaded_at: deps.now().toISOString(),
  })
  await deps.store.append(
    caller.userId,
    [{ streamId: linkStream(linkId), events: [downloaded], expectedVersion: 'any' }],
    { metadata: caller.metadata },
  )
}
