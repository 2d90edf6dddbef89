import { isOutcomeUnknown, Refusal } from '../../errors.ts'
import {
  type LinkEvent,
  LinkIssued,
  type LinkPurpose,
  LinkUploadCounted,
  LinkUsed,
  linkStream,
} from '../../events/links/link-events.ts'
import type { Append, Appended } from '../../store/events/event-store.ts'
import { type Caller, type CommandDeps, foldStream, handle } from '../handle.ts'
import type { LinkClaims } from './link-token.ts'

export interface IssueLink {
  linkId: string
  purpose: LinkPurpose | 'analytics'
  articleId: string | null
  expiresAt: Date
}

interface Link {
  is: 'absent' | 'issued' | 'used'
  /** Uploads through links that were made through this one. */
  uploads: number
}

function evolve(link: Link, event: LinkEvent): Link {
  if (event.type === 'LinkIssued') return { ...link, is: 'issued' }
  if (event.type === 'LinkUsed') return { ...link, is: 'used' }
  return event.type === 'LinkUploadCounted' ? { ...link, uploads: link.uploads + 1 } : link
}

const absent: Link = { is: 'absent', uploads: 0 }

const theLink = (linkId: string) => ({ streamId: linkStream(linkId), initial: absent, evolve })

function decideUseLink(linkId: string, { is }: Link, now: Date): LinkEvent {
  if (is === 'absent') throw new Refusal('LINK_INVALID')
  if (is === 'used') throw new Refusal('LINK_USED')
  return LinkUsed({ link_id: linkId, used_at: now.toISOString() })
}

/** The event that puts a new link on record, for an append of its own or beside what the link comes with. */
export const linkIssue = (command: IssueLink, now: Date): Append => ({
  streamId: linkStream(command.linkId),
  expectedVersion: 0,
  events: [
    LinkIssued({
      link_id: command.linkId,
      purpose: command.purpose,
      article_id: command.articleId,
      issued_at: now.toISOString(),
      expires_at: command.expiresAt.toISOString(),
    }),
  ],
})

export const issueLink = (
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  command: IssueLink,
) => recordIssue(deps, caller, linkIssue(command, deps.now()))

export const recordIssue = (
  deps: Pick<CommandDeps, 'store'>,
  { userId, metadata }: Caller,
  issued: Append,
) => deps.store.append(userId, [issued], { metadata })

/** Refuses a link that was never issued, and one that was used, before the upload is read. */
export async function checkLinkUnused(
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  command: LinkInUse,
): Promise<void> {
  await nextUse(deps, caller, command.linkId)
  await nextCount(deps, caller, command)
}

/** An upload link, by what its claims say of it. */
export type LinkInUse = Pick<LinkClaims, 'linkId' | 'rootId' | 'through'>

/**
 * Does what a link is for. What `act` appends, the link's use and the issue of the links that the answer gives
 * away are one append: a failure leaves the link as it was, of any number of simultaneous uses exactly one
 * gets past this, and after it nothing is left to do that could fail. An act that has nothing to add uses the
 * link up too.
 */
export async function throughLink<
  Deps extends CommandDeps,
  Done extends { appended: Appended | null },
>(
  deps: Deps,
  caller: Caller,
  link: LinkInUse & { granted?: readonly Append[] },
  act: (deps: Deps) => Promise<Done>,
): Promise<Done> {
  const { linkId, granted = [] } = link
  const counted = async () => [...(await nextCount(deps, caller, link)), ...granted]
  const beside = async () => [await nextUse(deps, caller, linkId), ...(await counted())]
  const done = await act({ ...deps, beside }).catch(async (error: unknown) => {
    // It may be this very use that used it up.
    if (isOutcomeUnknown(error)) throw error
    // When another use came first, that is the answer, and not what it has changed.
    throw (await usedByNow(deps, caller, linkId)) ?? error
  })
  if (!done.appended) {
    await handle<Link, LinkEvent>({ store: deps.store, beside: counted }, caller, {
      ...theLink(linkId),
      decide: (state) => [decideUseLink(linkId, state, deps.now())],
    })
  }
  return done
}

/** Whether it was this upload that used the link up, by the id that its sender gave it. */
export async function isUsedBy(
  { store }: Pick<CommandDeps, 'store'>,
  userId: string,
  { linkId, uploadId }: { linkId: string; uploadId: string },
): Promise<boolean> {
  const stored = await store.read({ userId, streamId: linkStream(linkId) })
  const used = stored.find(({ type }) => type === 'LinkUsed')
  return used?.metadata.correlation_id === uploadId
}

/** LINK_USED, when the link is; null also when that cannot be found out. */
async function usedByNow(
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  linkId: string,
): Promise<Refusal | null> {
  try {
    await nextUse(deps, caller, linkId)
    return null
  } catch (error) {
    return error instanceof Refusal && error.code === 'LINK_USED' ? error : null
  }
}

/** The event by which the link is used. Refuses a link that was never issued, and one that was used. */
async function nextUse(
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  linkId: string,
): Promise<Append> {
  const link = theLink(linkId)
  const { state, version } = await foldStream<Link, LinkEvent>(deps.store, caller.userId, link)
  const event = decideUseLink(linkId, state, deps.now())
  return { streamId: link.streamId, events: [event], expectedVersion: version }
}

/**
 * The event that counts an upload with the link it was made through; nothing for the owner's own link. Throws
 * LINK_SPENT when that link has brought as many uploads as it may.
 */
async function nextCount(
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  { linkId, rootId, through }: LinkInUse,
): Promise<Append[]> {
  if (rootId === linkId) return []
  const root = theLink(rootId)
  const { state, version } = await foldStream<Link, LinkEvent>(deps.store, caller.userId, root)
  if (state.uploads >= through.uploads) throw new Refusal('LINK_SPENT', { max: through.uploads })
  const event = LinkUploadCounted({
    link_id: rootId,
    through_link_id: linkId,
    counted_at: deps.now().toISOString(),
  })
  return [{ streamId: root.streamId, events: [event], expectedVersion: version }]
}
