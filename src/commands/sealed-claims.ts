import { createHmac, timingSafeEqual } from 'node:crypto'
import { Refusal } from '../errors.ts'

/** Claims and their HMAC under the newest key: whoever holds them can read them and change nothing. */
export function sealClaims(keys: readonly string[], claims: object): string {
  const [key] = keys
  if (!key) throw new Error('no link key')
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url')
  return `${body}.${mac(key, body).toString('base64url')}`
}

/** The claims, sealed under any of the keys. Throws LINK_INVALID for anything altered. */
export function openClaims(keys: readonly string[], token: string): unknown {
  const [body, signature, ...rest] = token.slice(0, 2000).split('.')
  if (!body || !signature || rest.length > 0) throw new Refusal('LINK_INVALID')
  const given = Buffer.from(signature, 'base64url')
  const genuine = keys.some((key) => {
    const expected = mac(key, body)
    return expected.length === given.length && timingSafeEqual(expected, given)
  })
  if (!genuine) throw new Refusal('LINK_INVALID')
  return JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))
}

const mac = (key: string, body: string): Buffer =>
  createHmac('sha256', key).update(`nova-link\n${body}`).digest()
