import { errors, type JWTPayload, jwtVerify } from 'jose'
import { z } from 'zod'
import { grantedScopes, type Identity, localUserId } from '../../commands/people/identity.ts'
import { Refusal } from '../../errors.ts'
import { storableText } from '../../events/storable.ts'
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

const oneOrMore = z.union([z.string(), z.array(z.string())])

/** The claims that are read, and the times that are compared: a signature says nothing of their types. */
const claims = z.object({
  sub: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .refine((sub) => sub !== localUserId),
  aud: oneOrMore,
  exp: z.number(),
  nbf: z.number().nullish(),
  iat: z.number().nullish(),
  // A string by RFC 9068; a list at some issuers.
  scope: oneOrMore.nullish(),
  scp: oneOrMore.nullish(),
  client_id: z.string().nullish(),
  azp: z.string().nullish(),
})

function identityOf(payload: JWTPayload, now: Date): Identity {
  const { data, error } = claims.safeParse(payload)
  if (!data) {
    const isSubject = error.issues.some(({ path }) => path[0] === 'sub')
    throw tokenRefused(isSubject ? 'TOKEN_WITHOUT_SUBJECT' : 'TOKEN_MALFORMED', error)
  }
  if (data.exp * 1000 <= now.getTime()) throw tokenRefused('TOKEN_EXPIRED')
  const claimed = [data.scope ?? data.scp ?? []].flat()
  const client = data.client_id ?? data.azp
  return {
    userId: data.sub,
    scopes: grantedScopes(claimed.flatMap((scope) => scope.split(' '))),
    ...(client && { client: storableText(client.slice(0, 200)) }),
  }
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
