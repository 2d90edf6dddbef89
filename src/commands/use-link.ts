import { Refusal } from '../errors.ts'
import {
  type LinkEvent,
  LinkIssued,
  type LinkPurpose,
  LinkUsed,
  linkStream,
} from '../events/link-events.ts'
import type { Appended, AppendOptions, EventStore } from '../store/event-store.ts'
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

export const issueLink = (
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  command: IssueLink,
) =>
  handle<Link, LinkEvent>(deps, caller, {
    ...theLink(command.linkId),
    decide: () => [
      LinkIssued({
        link_id: command.linkId,
        purpose: command.purpose,
        article_id: command.articleId,
        issued_at: deps.now().toISOString(),
        expires_at: command.expiresAt.toISOString(),
      }),
    ],
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
 * Does what a link is for. What `act` appends and the link's use are one append: a failure leaves the link
 * as it was, and of any number of simultaneous uses exactly one gets past this. An act that has nothing to
 * add uses the link up too.
 */
export async function throughLink<
  Deps extends CommandDeps,
  Done extends { appended: Appended | null },
>(
  deps: Deps,
  caller: Caller,
  { linkId }: { linkId: string },
  act: (deps: Deps) => Promise<Done>,
): Promise<Done> {
  const linked = { ...deps, store: usingUp(deps, caller, linkId) }
  const done = await act(linked).catch(async (error: unknown) => {
    // When another use came first, that is the answer, and not what it has changed.
    await checkLinkUnused(deps, caller, { linkId })
    throw error
  })
  if (!done.appended) {
    await handle<Link, LinkEvent>(deps, caller, {
      ...theLink(linkId),
      decide: (link) => [decideUseLink(linkId, link, deps.now())],
    })
  }
  return done
}

/** The store as it is behind a link: whatever is appended uses the link up. */
const usingUp = (deps: CommandDeps, caller: Caller, linkId: string): EventStore => ({
  append: async (stream, events, options) =>
    deps.store.append(stream, events, { ...options, beside: await nextUse(deps, caller, linkId) }),
  read: (stream, afterVersion) => deps.store.read(stream, afterVersion),
  readAll: (afterPosition, limit) => deps.store.readAll(afterPosition, limit),
  waitForChange: (stream, afterVersion, options) =>
    deps.store.waitForChange(stream, afterVersion, options),
})

/** The event by which the link is used, or the refusal of one that is none or was used. */
async function nextUse(
  deps: Pick<CommandDeps, 'store' | 'now'>,
  caller: Caller,
  linkId: string,
): Promise<NonNullable<AppendOptions['beside']>> {
  const link = theLink(linkId)
  const { state, version } = await foldStream<Link, LinkEvent>(deps.store, caller.userId, link)
  const event = decideUseLink(linkId, state, deps.now())
  return { streamId: link.streamId, expectedVersion: version, event }
}
