import { hkdf } from 'node:crypto'
import { promisify } from 'node:util'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { Refusal } from '../../errors.ts'

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
