import { z } from 'zod'
import { Refusal } from '../errors.ts'
import { type LinkPurpose, linkPurposes } from '../events/link-events.ts'
import { openClaims, sealClaims } from './sealed-claims.ts'

/** What a browser link allows: one purpose, one user, one article, a size, until a time. */
export interface LinkClaims {
  linkId: string
  purpose: LinkPurpose
  userId: string
  articleId: string
  expiresAt: Date
  /** Bytes an upload may bring in all; 0 where nothing is uploaded. */
  bytesMax: number
}

const wire = z.strictObject({
  i: z.string().min(1).max(64),
  p: z.enum(linkPurposes),
  u: z.string().min(1).max(255),
  a: z.uuid(),
  e: z.number().int(),
  b: z.number().int().min(0),
})

/** A token is the claims, sealed. */
export const signLink = (keys: readonly string[], claims: LinkClaims): string =>
  sealClaims(keys, {
    i: claims.linkId,
    p: claims.purpose,
    u: claims.userId,
    a: claims.articleId,
    e: Math.floor(claims.expiresAt.getTime() / 1000),
    b: claims.bytesMax,
  })

/** Throws LINK_INVALID for anything altered, LINK_EXPIRED when its time is over. */
export function verifyLink(
  keys: readonly string[],
  token: string,
  now: Date,
  purposes: readonly LinkPurpose[],
): LinkClaims {
  const { data: claims } = wire.safeParse(openClaims(keys, token))
  if (!claims || !purposes.includes(claims.p)) throw new Refusal('LINK_INVALID')
  const expiresAt = new Date(claims.e * 1000)
  if (expiresAt <= now) throw new Refusal('LINK_EXPIRED')
  return {
    linkId: claims.i,
    purpose: claims.p,
    userId: claims.u,
    articleId: claims.a,
    expiresAt,
    bytesMax: claims.b,
  }
}
