import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  jwksCache,
} from 'jose'

/** The issuer does not answer. Its tokens are refused for that, and not as wrong ones. */
export class IssuerUnreachable extends Error {
  constructor(cause: unknown) {
    super('the issuer cannot be reached', { cause })
    this.name = 'IssuerUnreachable'
  }
}

export interface KeyTimes {
  /** Least time between two fetches that unknown key ids cause. */
  cooldownMs: number
  /** Age at which keys are fetched anew, while the old ones go on serving. */
  refreshMs: number
  /** Age beyond which unconfirmed keys no longer count. */
  staleMs: number
}

/** Keys of an issuer with the moment at which it gave them. */
export interface ConfirmedKeys {
  keys: JSONWebKeySet
  confirmedAt: Date
}

export interface KeySet {
  key: JWTVerifyGetKey
  load(): Promise<void>
  confirmedAt(): number
  /** Whether the issuer gave its keys the last time that it was asked. */
  isAnswering(): boolean
}

/**
 * The keys behind an address. They are fetched anew when they age and when a token names another one, and
 * those last given go on serving while nothing answers. `onKeys` hears of each set that the issuer gave.
 */
export function createKeySet(
  url: URL,
  times: KeyTimes,
  { kept, onKeys }: { kept: ConfirmedKeys | null; onKeys: (given: ConfirmedKeys) => void },
): KeySet {
  let confirmedAt = kept?.confirmedAt.getTime() ?? 0
  let toldOf = confirmedAt
  let triedAt = 0
  let answers = kept === null
  const remote = createRemoteJWKSet(url, {
    timeoutDuration: 5000,
    cooldownDuration: times.cooldownMs,
    // Ageing is decided here: the library would refuse old keys while the issuer is down.
    cacheMaxAge: Number.POSITIVE_INFINITY,
    ...(kept && { [jwksCache]: { jwks: kept.keys, uat: confirmedAt } }),
    [customFetch]: async (address, options) => {
      answers = false
      const response = await fetch(address, { ...options, redirect: 'error' })
      if (response.ok) confirmedAt = Date.now()
      answers = response.ok
      return response
    },
  })
  const tell = () => {
    const keys = remote.jwks()
    if (confirmedAt === toldOf || !keys) return
    toldOf = confirmedAt
    onKeys({ keys, confirmedAt: new Date(confirmedAt) })
  }
  const load = async () => {
    triedAt = Date.now()
    await remote.reload()
    tell()
  }
  return {
    load,
    confirmedAt: () => confirmedAt,
    isAnswering: () => answers,
    async key(header, token) {
      const age = Date.now() - confirmedAt
      if (age > times.staleMs) await load().catch((error) => unreachable(error))
      else if (age > times.refreshMs && Date.now() - triedAt > times.cooldownMs)
        load().catch(() => {})
      try {
        const key = await remote(header, token)
        tell()
        return key
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
