import { createHash, timingSafeEqual } from 'node:crypto'
import { parseApiToken } from '../../commands/people/api-token.ts'
import { type Identity, localIdentity } from '../../commands/people/identity.ts'
import { Refusal } from '../../errors.ts'
import { type ApiTokenDeps, createApiTokenVerifier } from './api-token-verifier.ts'
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
