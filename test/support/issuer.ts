import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

/** Claims over the usual ones; undefined leaves one out. */
type TokenClaims = { [Name in keyof JWTPayload]?: JWTPayload[Name] | undefined } & {
  kid?: string
  key?: CryptoKey
}

export interface TestIssuer extends AsyncDisposable {
  url: string
  /** What its tokens are dated by. Give it to the server too: then a second is a second on any machine. */
  clock: { now: Date }
  /** The clock's time as tokens say it. */
  seconds(): number
  /** How often the keys were asked for. */
  keyRequests: () => number
  token(claims?: TokenClaims): Promise<string>
  /** Signs with a new key from now on; `forget` also stops publishing the old ones. */
  rotate(options?: { forget?: boolean }): Promise<void>
  stop(): Promise<void>
  /** Answers again, at the same address. */
  start(): Promise<void>
}

/** A small OpenID Connect issuer on loopback, whose tokens are for `audience`. */
export async function startIssuer(audience: string): Promise<TestIssuer> {
  const published: object[] = []
  let current = await addKey('k1')
  let asked = 0
  let made = 1
  // On a whole second, so that what is off by a millisecond shows.
  const clock = { now: new Date(Math.floor(Date.now() / 1000) * 1000) }
  const seconds = () => Math.floor(clock.now.getTime() / 1000)

  async function addKey(kid: string) {
    const pair = await generateKeyPair('RS256')
    published.push({ ...(await exportJWK(pair.publicKey)), kid, alg: 'RS256', use: 'sig' })
    return { kid, key: pair.privateKey }
  }

  const server = createServer((request, response) => {
    const body =
      request.url === '/.well-known/openid-configuration'
        ? { issuer: url, jwks_uri: `${url}/keys` }
        : request.url === '/keys'
          ? { keys: published }
          : null
    if (request.url === '/keys') asked++
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })

  return {
    url,
    clock,
    seconds,
    keyRequests: () => asked,
    async token({ kid, key, ...claims } = {}) {
      const payload = {
        iss: url,
        aud: audience,
        sub: 'ann',
        scope: 'nova:read nova:write',
        exp: seconds() + 300,
        ...claims,
      }
      const present = Object.entries(payload).filter(([, value]) => value !== undefined)
      return new SignJWT(Object.fromEntries(present))
        .setProtectedHeader({ alg: 'RS256', kid: kid ?? current.kid })
        .sign(key ?? current.key)
    },
    async rotate({ forget = false } = {}) {
      if (forget) published.length = 0
      made++
      current = await addKey(`k${made}`)
    },
    stop,
    start: () =>
      new Promise((resolve) => server.listen(Number(new URL(url).port), '127.0.0.1', resolve)),
    [Symbol.asyncDispose]: stop,
  }
}
