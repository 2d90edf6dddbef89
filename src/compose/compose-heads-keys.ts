import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto'
import type { Config } from '../config.ts'
import { Refusal } from '../errors.ts'
import { linkKeys } from './compose-link-keys.ts'

/** Keys that sign stream heads, newest first: Ed25519, so that a file can be checked without a secret. */
export function headsKeys(config: Config): { privateKey: KeyObject; publicKey: KeyObject }[] {
  return (config.NOVA_HEADS_KEY ?? linkKeys(config)).map((secret) => {
    const seed = Buffer.from(hkdfSync('sha256', secret, '', 'nova stream heads', 32))
    const privateKey = createPrivateKey({
      key: Buffer.concat([pkcs8OfEd25519, seed]),
      format: 'der',
      type: 'pkcs8',
    })
    return { privateKey, publicKey: createPublicKey(privateKey) }
  })
}

/** Whose heads are believed: the key that was given, else those of this configuration. Throws HEADS_INVALID. */
export function trustedKeys(config: Config, given: string | undefined): KeyObject[] {
  if (given === undefined) return headsKeys(config).map(({ publicKey }) => publicKey)
  try {
    return [createPublicKey({ key: Buffer.from(given, 'base64'), format: 'der', type: 'spki' })]
  } catch (cause) {
    throw new Refusal(
      'HEADS_INVALID',
      { path: 'The key', problem: 'it is no public key' },
      { cause },
    )
  }
}

/** What stands before the 32 bytes of a private key in its PKCS #8 form; RFC 8410. */
const pkcs8OfEd25519 = Buffer.from('302e020100300506032b657004220420', 'hex')
