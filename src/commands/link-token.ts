import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { Refusal } from '../errors.ts'
import { type LinkPurpose, linkPurposes } from '../events/link-events.ts'

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

/** A token is the claims and their HMAC under the newest key; older keys still verify. */
export function signLink(keys: readonly string[], claims: LinkClaims): string {
  const [key] = keys
  if (!key) throw new Error('no link key')
  const body = Buffer.from(
    JSON.stringify({
      i: claims.linkId,
      p: claims.purpose,
      u: claims.userId,
      a: claims.articleId,
      e: Math.floor(claims.expiresAt.getTime() / 1000),
      b: claims.bytesMax,
    }),
  ).toString('base64url')
  return `${body}.${mac(key, body).toString('base64url')}`
}

/** Throws LINK_INVALID for anything altered, LINK_EXPIRED when its time is over. */
export function verifyLink(
  keys: readonly string[],
  token: string,
  now: Date,
  purposes: readonly LinkPurpose[],
): LinkClaims {
  const [body, signature, ...rest] = token.slice(0, 2000).split('.')
  if (!body || !signature || rest.length > 0) throw new Refusal('LINK_INVALID')
  const given = Buffer.from(signature, 'base64url')
  const genuine = keys.some((key) => {
    const expected = mac(key, body)
    return expected.length === given.length && timingSafeEqual(expected, given)
  })
  if (!genuine) throw new Refusal('LINK_INVALID')
  const claims = wire.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')))
  if (!purposes.includes(claims.p)) throw new Refusal('LINK_INVALID')
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

const mac = (key: string, body: string): Buffer =>
  createHmac('sha256', key).update(`nova-link\n${body}`).digest()
