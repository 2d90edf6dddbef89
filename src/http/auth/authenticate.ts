import { createHash, timingSafeEqual } from 'node:crypto'
import { type Identity, localIdentity } from '../identity.ts'
import type { AuthSettings } from './auth-settings.ts'
import { bearerToken, tokenRefused } from './bearer-token.ts'
import { createTokenVerifier, type VerifierOptions } from './token-verifier.ts'

/** Says who is asking, from the Authorization header alone. Throws UNAUTHENTICATED or ISSUER_UNAVAILABLE. */
export type Authenticate = (authorization: string | undefined) => Promise<Identity>

/** The way of authentication that the settings name. Nothing here lets a caller in by default. */
export function createAuthenticate(
  settings: AuthSettings,
  options: VerifierOptions = {},
): Authenticate {
  switch (settings.mode) {
    case 'local':
      return async () => localIdentity
    case 'token': {
      const expected = digest(settings.token)
      return async (authorization) => {
        const given = digest(bearerToken(authorization))
        // Hashes have one length, so that the comparison takes one time whatever was sent.
        if (!timingSafeEqual(given, expected)) throw tokenRefused('The access token is not valid.')
        return localIdentity
      }
    }
    case 'oidc': {
      const verify = createTokenVerifier(settings, options)
      return async (authorization) => verify(bearerToken(authorization))
    }
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
