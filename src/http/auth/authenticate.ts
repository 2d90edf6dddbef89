import { createHash, timingSafeEqual } from 'node:crypto'
import { type ApiToken, isSecretOf, parseApiToken } from '../../commands/people/api-token.ts'
import { grantedScopes, type Identity, localIdentity } from '../../commands/people/identity.ts'
import { Refusal } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { ApiTokens } from '../../store/people/api-tokens.ts'
import type { AuthSettings } from './auth-settings.ts'
import type { IssuerHealth } from './issuer-keys.ts'
import { tokenRefused } from './token-problem.ts'
import { createTokenVerifier, type VerifierOptions } from './token-verifier.ts'

/** Says who is asking, from the Authorization header alone. Throws UNAUTHENTICATED or ISSUER_UNAVAILABLE. */
export interface Authenticate {
  (authorization: string | undefined): Promise<Identity>
  /** How the issuer is, where there is one. */
  issuerHealth?: () => IssuerHealth
}

/**
 * The way of authentication that the settings name, and API tokens beside it: they look like nothing that
 * an issuer signs. One that was sent counts or is refused, also on a local server.
 */
export function createAuthenticate(
  settings: AuthSettings,
  deps: ApiTokenDeps,
  options: VerifierOptions = {},
): Authenticate {
  const otherwise = configuredWay(settings, options)
  const verifyApiToken = createApiTokenVerifier(deps)
  const authenticate: Authenticate = async (authorization) => {
    const apiToken = parseApiToken(sentToken(authorization))
    return apiToken ? verifyApiToken(apiToken) : otherwise(authorization)
  }
  const { issuerHealth } = otherwise
  return Object.assign(authenticate, issuerHealth && { issuerHealth })
}

/** Nothing here lets a caller in by default. */
function configuredWay(settings: AuthSettings, options: VerifierOptions): Authenticate {
  switch (settings.mode) {
    case 'local':
      return async () => localIdentity
    case 'token': {
      const expected = digest(settings.token)
      return async (authorization) => {
        const given = digest(bearerToken(authorization))
        // Hashes have one length, so that the comparison takes one time whatever was sent.
        if (!timingSafeEqual(given, expected)) throw tokenRefused('TOKEN_WRONG')
        return localIdentity
      }
    }
    case 'oidc': {
      const verify = createTokenVerifier(settings, options)
      const authenticate: Authenticate = async (authorization) => verify(bearerToken(authorization))
      return Object.assign(authenticate, { issuerHealth: verify.health })
    }
  }
}

const sentToken = (authorization = ''): string => authorization.replace(/^Bearer +/i, '').trim()

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Longest token looked at; real ones have one or two thousand characters. */
const tokenMax = 8192

/** The token of an Authorization header. Throws UNAUTHENTICATED when there is none or it is malformed. */
function bearerToken(header: string | undefined): string {
  if (header === undefined) throw new Refusal('UNAUTHENTICATED')
  const token = /^Bearer +([\w\-.~+/]+=*) *$/i.exec(header.slice(0, tokenMax + 10))?.[1]
  if (!token || token.length > tokenMax) throw tokenRefused('TOKEN_MALFORMED')
  return token
}

export interface ApiTokenDeps {
  readonly apiTokens: ApiTokens
  readonly now: () => Date
  readonly log: Pick<Log, 'warn'>
}

const noteEveryMs = 60_000

/**
 * Turns an API token into who is asking. Unknown, wrong, revoked and expired ones are refused in the same
 * words, so that trying tells nothing. Throws UNAUTHENTICATED or DATABASE_UNAVAILABLE.
 */
export const createApiTokenVerifier =
  ({ apiTokens, now, log }: ApiTokenDeps) =>
  async ({ tokenId, secret }: ApiToken): Promise<Identity> => {
    const stored = await apiTokens.find(tokenId)
    const at = now()
    // Compared in any case, so that it takes one time whether there is such a token or not.
    const isItsSecret = isSecretOf(secret, stored?.secretSha256 ?? '')
    if (!stored) throw tokenRefused('API_TOKEN_UNKNOWN')
    if (!isItsSecret) throw tokenRefused('API_TOKEN_WRONG')
    if (stored.revoked) throw tokenRefused('API_TOKEN_REVOKED')
    if (stored.expiresAt && stored.expiresAt <= at) throw tokenRefused('API_TOKEN_EXPIRED')
    if (at.getTime() - (stored.lastUsedAt?.getTime() ?? 0) > noteEveryMs) {
      // The request does not wait for it, and does not fail with it.
      apiTokens
        .used(stored.userId, tokenId)
        .catch((error: unknown) => log.warn({ err: error }, 'use of a token not noted'))
    }
    return { userId: stored.userId, scopes: grantedScopes(stored.scopes), tokenId }
  }
