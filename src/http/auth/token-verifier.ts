import { errors, type JWTPayload, jwtVerify } from 'jose'
import { Refusal } from '../../errors.ts'
import { grantedScopes, type Identity, localUserId } from '../identity.ts'
import { IssuerUnreachable } from './issuer-key-set.ts'
import { createIssuerKeys, type IssuerHealth, type KeyOptions } from './issuer-keys.ts'
import { type TokenProblemCode, tokenRefused } from './token-problem.ts'

export interface VerifierOptions extends KeyOptions {
  now?: () => Date
}

/** Public-key signatures only: `none` and shared secrets are no choice a token may make. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]

/** How far an issuer's clock may run ahead of ours. An expired token has no such grace. */
const clockToleranceSeconds = 30

/** Turns an access token (JWT) into who is asking. Throws UNAUTHENTICATED or ISSUER_UNAVAILABLE. */
export interface TokenVerifier {
  (token: string): Promise<Identity>
  health(): IssuerHealth
}

export function createTokenVerifier(
  settings: { issuer: string; audience: () => string },
  { now = () => new Date(), ...keyOptions }: VerifierOptions = {},
): TokenVerifier {
  const keys = createIssuerKeys(settings.issuer, keyOptions)
  const verify = async (token: string): Promise<Identity> => {
    try {
      const { issuer, key } = await keys.current()
      const { payload } = await jwtVerify(token, key, {
        algorithms,
        issuer,
        audience: settings.audience(),
        requiredClaims: ['exp', 'sub'],
        clockTolerance: clockToleranceSeconds,
        currentDate: now(),
      })
      return identityOf(payload, now())
    } catch (error) {
      throw refusalOf(error)
    }
  }
  return Object.assign(verify, { health: keys.health })
}

function identityOf(payload: JWTPayload, now: Date): Identity {
  if ((payload.exp ?? 0) * 1000 <= now.getTime()) throw tokenRefused('TOKEN_EXPIRED')
  const { sub } = payload
  if (!sub || !/^[\x21-\x7e]{1,255}$/.test(sub) || sub === localUserId) {
    throw tokenRefused('TOKEN_WITHOUT_SUBJECT')
  }
  const client = payload.client_id ?? payload.azp
  return {
    userId: sub,
    scopes: grantedScopes(claimedScopes(payload.scope ?? payload.scp)),
    ...(typeof client === 'string' && { client: client.slice(0, 200) }),
  }
}

/** `scope` is a string by RFC 9068; `scp` is a list at some issuers and a string at others. */
function claimedScopes(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(' ')
  return Array.isArray(claim) ? claim.filter((scope) => typeof scope === 'string') : []
}

function refusalOf(error: unknown): unknown {
  if (error instanceof Refusal) return error
  if (error instanceof IssuerUnreachable) {
    return new Refusal('ISSUER_UNAVAILABLE', {}, { cause: error })
  }
  if (error instanceof errors.JWTExpired) return tokenRefused('TOKEN_EXPIRED', error)
  if (error instanceof errors.JWTClaimValidationFailed) {
    return tokenRefused(claimProblem(error.claim), error)
  }
  // Whatever else is wrong with it: a token that cannot be verified is no token.
  return tokenRefused('TOKEN_UNVERIFIABLE', error)
}

function claimProblem(claim: string): TokenProblemCode {
  if (claim === 'aud') return 'TOKEN_FOR_OTHER_AUDIENCE'
  if (claim === 'iss') return 'TOKEN_OF_OTHER_ISSUER'
  if (claim === 'nbf') return 'TOKEN_NOT_YET_VALID'
  return 'TOKEN_WITHOUT_CLAIM'
}
