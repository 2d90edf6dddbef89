import { Refusal } from '../../errors.ts'

/** Why a token does not count: the sentence for its client, who is told no more, by the code for the record. */
const sentences = {
  TOKEN_MALFORMED: 'The access token is malformed.',
  TOKEN_WRONG: 'The access token is not valid.',
  TOKEN_UNVERIFIABLE: 'The access token cannot be verified.',
  TOKEN_EXPIRED: 'The access token has expired.',
  TOKEN_NOT_YET_VALID: 'The access token is not valid yet.',
  TOKEN_OF_OTHER_ISSUER: 'The access token was issued by another issuer.',
  TOKEN_FOR_OTHER_AUDIENCE: 'The access token was issued for another audience.',
  TOKEN_WITHOUT_CLAIM: 'The access token lacks a claim that is needed.',
  TOKEN_WITHOUT_SUBJECT: 'The access token names no usable subject.',
  // One sentence for all four, so that trying tells nothing.
  API_TOKEN_UNKNOWN: 'The access token is unknown, revoked or expired.',
  API_TOKEN_WRONG: 'The access token is unknown, revoked or expired.',
  API_TOKEN_REVOKED: 'The access token is unknown, revoked or expired.',
  API_TOKEN_EXPIRED: 'The access token is unknown, revoked or expired.',
} as const

export type TokenProblemCode = keyof typeof sentences

/** The cause of an UNAUTHENTICATED: what the record tells and the client is not told. */
export class TokenProblem extends Error {
  readonly code: TokenProblemCode

  constructor(code: TokenProblemCode, cause?: unknown) {
    super(cause instanceof Error ? `${code}: ${cause.message}` : code, { cause })
    this.name = 'TokenProblem'
    this.code = code
  }
}

/** A token that was given and does not count; the sentence reaches the client's error_description. */
export const tokenRefused = (code: TokenProblemCode, cause?: unknown): Refusal =>
  new Refusal(
    'UNAUTHENTICATED',
    { problem: sentences[code] },
    { cause: new TokenProblem(code, cause) },
  )
