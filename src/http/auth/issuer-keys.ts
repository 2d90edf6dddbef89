import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose'
import { discoverIssuer, type IssuerMetadata } from './issuer-metadata.ts'

export interface IssuerKeys {
  issuer: string
  key: JWTVerifyGetKey
}

/** The issuer does not answer; nobody is let in, and nobody is called a liar for it. */
export class IssuerUnreachable extends Error {
  constructor(cause: unknown) {
    super('the issuer cannot be reached', { cause })
    this.name = 'IssuerUnreachable'
  }
}

export interface KeyOptions {
  /** Least time between two fetches that unknown key ids cause. */
  cooldownMs?: number
  /** Age at which keys are fetched anew, while the old ones go on serving. */
  refreshMs?: number
  /** Age beyond which unconfirmed keys no longer count. */
  staleMs?: number
}

/**
 * The signing keys of one issuer. A new key id is looked up at once; a revoked one is forgotten within
 * minutes; and while the issuer is down the keys it last gave keep working for a day.
 */
export function createIssuerKeys(
  issuer: string,
  { cooldownMs = 30_000, refreshMs = 600_000, staleMs = 86_400_000 }: KeyOptions = {},
): () => Promise<IssuerKeys> {
  let current: Promise<{ metadata: IssuerMetadata; set: KeySet }> | undefined
  let failedAt = 0

  const open = async () => {
    const metadata = await discoverIssuer(issuer)
    const set = createKeySet(metadata.jwksUri, { cooldownMs, refreshMs, staleMs })
    await set.load()
    return { metadata, set }
  }

  return async () => {
    if (!current) {
      // A dead issuer is asked once a second and not once a request.
      if (Date.now() - failedAt < 1000) throw new IssuerUnreachable('asked a moment ago')
      current = open()
      current.catch(() => {
        current = undefined
        failedAt = Date.now()
      })
    }
    try {
      const { metadata, set } = await current
      return { issuer: metadata.issuer, key: set.key }
    } catch (error) {
      throw new IssuerUnreachable(error)
    }
  }
}

interface KeySet {
  key: JWTVerifyGetKey
  load(): Promise<void>
}

function createKeySet(url: URL, times: Required<KeyOptions>): KeySet {
  let confirmedAt = 0
  let triedAt = 0
  const remote = createRemoteJWKSet(url, {
    timeoutDuration: 5000,
    cooldownDuration: times.cooldownMs,
    // Ageing is decided here: the library would refuse old keys while the issuer is down.
    cacheMaxAge: Number.POSITIVE_INFINITY,
    [customFetch]: async (address, options) => {
      const response = await fetch(address, { ...options, redirect: 'error' })
      if (response.ok) confirmedAt = Date.now()
      return response
    },
  })
  const load = async () => {
    triedAt = Date.now()
    await remote.reload()
  }
  return {
    load,
    async key(header, token) {
      const age = Date.now() - confirmedAt
      if (age > times.staleMs) await load().catch((error) => unreachable(error))
      else if (age > times.refreshMs && Date.now() - triedAt > times.cooldownMs)
        load().catch(() => {})
      try {
        return await remote(header, token)
      } catch (error) {
        // Which key a token names is the token's fault; that no answer came is not.
        const tokensFault =
          error instanceof errors.JWKSNoMatchingKey ||
          error instanceof errors.JWKSMultipleMatchingKeys ||
          error instanceof errors.JOSENotSupported
        if (tokensFault) throw error
        return unreachable(error)
      }
    },
  }
}

const unreachable = (error: unknown): never => {
  throw new IssuerUnreachable(error)
}
