import { z } from 'zod'
import { Refusal } from '../../errors.ts'
import { type LinkPurpose, linkPurposes } from '../../events/links/link-events.ts'
import { openClaims, sealClaims } from './sealed-claims.ts'

/** What a browser link allows: one purpose, one user, one article, a size, until a time. */
export interface LinkClaims {
  linkId: string
  /** The link that the owner asked for, through which this one was made; itself when it is that one. */
  rootId: string
  purpose: LinkPurpose
  userId: string
  articleId: string
  expiresAt: Date
  /** Bytes an upload may bring in all; 0 where nothing is uploaded. */
  bytesMax: number
  /** What upload links that are made through this one may bring: how many uploads, of how many bytes each. */
  through: { uploads: number; bytesMax: number }
  /** How often the article's links had been revoked when the owner asked for it. */
  generation: number
}

const count = () => z.number().int().min(0)
const wire = z.strictObject({
  i: z.string().min(1).max(64),
  r: z.string().min(1).max(64),
  p: z.enum(linkPurposes),
  u: z.string().min(1).max(255),
  a: z.uuid(),
  e: z.number().int(),
  b: count(),
  n: count(),
  m: count(),
  g: count(),
})

/** A token is the claims, sealed. */
export const signLink = (keys: readonly string[], claims: LinkClaims): Promise<string> =>
  sealClaims(keys, 'article link', {
    i: claims.linkId,
    r: claims.rootId,
    p: claims.purpose,
    u: claims.userId,
    a: claims.articleId,
    e: Math.floor(claims.expiresAt.getTime() / 1000),
    b: claims.bytesMax,
    n: claims.through.uploads,
    m: claims.through.bytesMax,
    g: claims.generation,
  })

/** Throws LINK_INVALID for anything altered, LINK_EXPIRED when its time is over. */
export async function verifyLink(
  keys: readonly string[],
  token: string,
  now: Date,
  purposes: readonly LinkPurpose[],
): Promise<LinkClaims> {
  const { data: claims } = wire.safeParse(await openClaims(keys, 'article link', token))
  if (!claims || !purposes.includes(claims.p)) throw new Refusal('LINK_INVALID')
  const expiresAt = new Date(claims.e * 1000)
  if (expiresAt <= now) throw new Refusal('LINK_EXPIRED')
  return {
    linkId: claims.i,
    rootId: claims.r,
    purpose: claims.p,
    userId: claims.u,
    articleId: claims.a,
    expiresAt,
    bytesMax: claims.b,
    through: { uploads: claims.n, bytesMax: claims.m },
    generation: claims.g,
  }
}
