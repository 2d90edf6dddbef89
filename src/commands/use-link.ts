import { Refusal } from '../errors.ts'
import {
  type LinkEvent,
  LinkIssued,
  type LinkPurpose,
  LinkUsed,
  linkStream,
} from '../events/link-events.ts'
import { type Caller, type CommandDeps, handle } from './handle.ts'

export interface IssueLink {
  linkId: string
  purpose: LinkPurpose
  articleId: string
  expiresAt: Date
}

type Link = 'absent' | 'issued' | 'used'

const evolve = (_link: Link, event: LinkEvent): Link =>
  event.type === 'LinkIssued' ? 'issued' : 'used'

/** Of any number of simultaneous uses exactly one gets past this. */
function decideUseLink(command: { linkId: string; now: Date }, link: Link): LinkEvent[] {
  if (link === 'absent') throw new Refusal('LINK_INVALID')
  if (link === 'used') throw new Refusal('LINK_USED')
  return [LinkUsed({ link_id: command.linkId, used_at: command.now.toISOString() })]
}

export const issueLink = (deps: CommandDeps, caller: Caller, command: IssueLink) =>
  handle<Link, LinkEvent>(deps, caller, {
    streamId: linkStream(command.linkId),
    initial: 'absent',
    evolve,
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

export const useLink = (deps: CommandDeps, caller: Caller, command: { linkId: string }) =>
  handle<Link, LinkEvent>(deps, caller, {
    streamId: linkStream(command.linkId),
    initial: 'absent',
    evolve,
    decide: (link) => decideUseLink({ ...command, now: deps.now() }, link),
  })

/** Refuses a link that was used, before the upload is read. The use itself is decided by useLink. */
export async function checkLinkUnused(
  deps: CommandDeps,
  caller: Caller,
  command: { linkId: string },
): Promise<void> {
  await handle<Link, LinkEvent>(deps, caller, {
    streamId: linkStream(command.linkId),
    initial: 'absent',
    evolve,
    decide: (link) => {
      decideUseLink({ ...command, now: deps.now() }, link)
      return []
    },
  })
}
