import { z } from 'zod'
import { Refusal } from '../../errors.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import type { LinkSettings } from './grant-link.ts'
import { openClaims, sealClaims } from './link-token.ts'
import { issueLink } from './use-link.ts'

/** Long enough to look, short enough to be of no use in a history. */
const linkMinutes = 15
const purpose = 'analytics'

const wire = z.strictObject({
  i: z.string().min(1).max(64),
  p: z.literal(purpose),
  u: z.string().min(1).max(255),
  e: z.number().int(),
})

/**
 * Issues a link to the page of numbers over all users, for a browser, which has no token to send. The
 * caller must be an administrator; the issue is on record.
 */
export async function grantAnalyticsLink(
  deps: Pick<CommandDeps, 'store' | 'now' | 'newId'> & {
    links: Pick<LinkSettings, 'keys' | 'serverUrl'>
  },
  caller: Caller,
): Promise<{ url: string; expiresAt: Date }> {
  const expiresAt = new Date(deps.now().getTime() + linkMinutes * 60_000)
  const linkId = deps.newId()
  const token = await sealClaims(deps.links.keys, 'analytics link', {
    i: linkId,
    p: purpose,
    u: caller.userId,
    e: Math.floor(expiresAt.getTime() / 1000),
  })
  await issueLink(deps, caller, { purpose, articleId: null, linkId, expiresAt })
  return { url: `${deps.links.serverUrl()}/analytics/${token}`, expiresAt }
}

/** Throws LINK_INVALID for anything but such a link, LINK_EXPIRED when its time is over. */
export async function checkAnalyticsLink(
  keys: readonly string[],
  token: string,
  now: Date,
): Promise<void> {
  const { data: claims } = wire.safeParse(await openClaims(keys, 'analytics link', token))
  if (!claims) throw new Refusal('LINK_INVALID')
  if (new Date(claims.e * 1000) <= now) throw new Refusal('LINK_EXPIRED')
}
