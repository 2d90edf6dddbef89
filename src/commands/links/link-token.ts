import { hkdf } from 'node:crypto'
import { promisify } from 'node:util'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { z } from 'zod'
import { Refusal } from '../../errors.ts'
import { type LinkPurpose, linkPurposes } from '../../events/links/link-events.ts'

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

/** What claims are sealed for. Each use has a key of its own, so that one link never opens as another. */
export type SealedFor = 'article link' | 'analytics link'

const header = { alg: 'dir', enc: 'A256GCM' } as const
/** Claims are filled up to a multiple of this, so that the length of a link does not tell a user id's. */
const blockBytes = 128

/** Encrypts claims under the newest key (JWE): who holds them can neither read nor change them. */
export async function sealClaims(
  keys: readonly string[],
  use: SealedFor,
  claims: object,
): Promise<string> {
  const [key] = keys
  if (!key) throw new Error('no link key')
  const bytes = Buffer.from(JSON.stringify(claims))
  const padding = Buffer.alloc(blockBytes - (bytes.byteLength % blockBytes), ' ')
  return new CompactEncrypt(Buffer.concat([bytes, padding]))
    .setProtectedHeader(header)
    .encrypt(await keyFor(key, use))
}

/** The claims, sealed under any of the keys. Throws LINK_INVALID for anything altered. */
export async function openClaims(
  keys: readonly string[],
  use: SealedFor,
  token: string,
): Promise<unknown> {
  const sealed = token.slice(0, 2000)
  if (!sealed.split('.').every(isCanonical)) throw new Refusal('LINK_INVALID')
  for (const key of keys) {
    const opened = await compactDecrypt(sealed, await keyFor(key, use), {
      keyManagementAlgorithms: [header.alg],
      contentEncryptionAlgorithms: [header.enc],
    }).catch(() => null)
    if (opened) return JSON.parse(Buffer.from(opened.plaintext).toString('utf8'))
  }
  throw new Refusal('LINK_INVALID')
}

/** One text for one link: base64 leaves bits at the end of a part that decoders pass over. */
const isCanonical = (part: string): boolean =>
  Buffer.from(part, 'base64url').toString('base64url') === part

const derive = promisify(hkdf)

const keyFor = async (key: string, use: SealedFor): Promise<Uint8Array> =>
  new Uint8Array(await derive('sha256', key, '', `nova ${use}`, 32))
