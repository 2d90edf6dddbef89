import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A token as its owner holds it: `nova_<id>_<secret>`. The id is no secret, and names it in lists. */
export interface ApiToken {
  tokenId: string
  secret: string
}

const format = /^nova_([0-9a-f]{16})_([0-9a-f]{64})$/

/** A new token with 256 random bits of secret. */
export const newApiToken = (): ApiToken => ({
  tokenId: randomBytes(8).toString('hex'),
  secret: randomBytes(32).toString('hex'),
})

export const writeApiToken = ({ tokenId, secret }: ApiToken): string => `nova_${tokenId}_${secret}`

/** Null for anything that is no API token. */
export function parseApiToken(text: string): ApiToken | null {
  const [, tokenId, secret] = format.exec(text) ?? []
  return tokenId && secret ? { tokenId, secret } : null
}

/** What is stored of a secret. */
export const secretHash = (secret: string): string =>
  createHash('sha256').update(secret).digest('hex')

/** Takes one time, whatever was sent. */
export const isSecretOf = (secret: string, hash: string): boolean =>
  timingSafeEqual(Buffer.from(secretHash(secret)), Buffer.from(hash.padEnd(64).slice(0, 64)))
