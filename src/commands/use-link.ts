import { isOutcomeUnknown, Refusal } from '../errors.ts'
import {
  type LinkEvent,
  LinkIssued,
  type LinkPurpose,
  LinkUsed,
  linkStream,
} from '../events/link-events.ts'
import type { Appended, Beside } from '../store/event-store.ts'
import { appendingWith } from './appending-with.ts'
import { type Caller, type CommandDeps, foldStream, handle } from './handle.ts'

export interface IssueLink {
  linkId: string
  purpose: LinkPurpose | 'analytics'
  articleId: string | null
  expiresAt: Date
}

type Link = 'absent' | 'issued' | 'used'

const evolve = (_link: Link, event: LinkEvent): Link =>
  event.type === 'LinkIssued' ? 'issued' : 'used'

const theLink = (linkId: string) => ({
  streamId: linkStream(linkId),
  initial: 'absent' as const,
  evolve,
})

function decideUseLink(linkId: string, link: Link, now: Date): LinkEvent {
  if (link === 'absent') throw new Refusal('LINK_INVALID')
  if (link === 'used') throw new Refusal('LINK_USED')
  return LinkUsed({ link_id: linkId, used_at: now.toISOString() })
}

/** The event that puts a new link on record, for an append of its own or beside what the link comes with. */
export const linkIssue = (command: IssueLink, now: Date): Beside => ({
  streamId: linkStream(command.linkId),
  expectedVersion: 0,
  event: LinkIssued({
    link_id: command.linkId,
    purpose: command.purpose,
    article_id: command.articleId,
    issued_at: now.toISOString(),
    expires_at: command.expiresAt.toISOString(),
  }),
})

export const issueLink = (
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  command: IssueLink,
) => recordIssue(deps, caller, linkIssue(command, deps.now()))

export const recordIssue = (
  deps: Pick<CommandDeps, 'store'>,
  caller: Caller,
  { streamId, expectedVersion, event }: Beside,
): Promise<Appended> =>
  deps.store.append({ userId: caller.userId, streamId }, [event], {
    expectedVersion,
    metadata: caller.metadata,
  })

/** Refuses a link that is none or was used, before an upload is read. */
export async function checkLinkUnused(
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  command: { linkId: string },
): Promise<void> {
  await nextUse(deps, caller, command.linkId)
}

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
  { linkId, granted = [] }: { linkId: string; granted?: readonly Beside[] },
  act: (deps: Deps) => Promise<Done>,
): Promise<Done> {
  const store = appendingWith(deps.store, async () => ({
    beside: [await nextUse(deps, caller, linkId), ...granted],
  }))
  const done = await act({ ...deps, store }).catch(async (error: unknown) => {
    // It may be this very use that used it up.
    if (isOutcomeUnknown(error)) throw error
    // When another use came first, that is the answer, and not what it has changed.
    throw (await usedByNow(deps, caller, linkId)) ?? error
  })
  if (!done.appended) {
    await handle<Link, LinkEvent>(
      { store: appendingWith(deps.store, () => ({ beside: granted })) },
      caller,
      { ...theLink(linkId), decide: (link) => [decideUseLink(linkId, link, deps.now())] },
    )
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

/** The event by which the link is used, or the refusal of one that is none or was used. */
async function nextUse(
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  linkId: string,
): Promise<Beside> {
  const link = theLink(linkId)
  const { state, version } = await foldStream<Link, LinkEvent>(deps.store, caller.userId, link)
  const event = decideUseLink(linkId, state, deps.now())
  return { streamId: link.streamId, expectedVersion: version, event }
}
