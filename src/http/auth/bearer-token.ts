import { Refusal } from '../../errors.ts'
import { tokenRefused } from './token-problem.ts'

/** Longest token looked at; real ones have one or two thousand characters. */
const tokenMax = 8192

/** The token of an Authorization header. Throws UNAUTHENTICATED when there is none or it is malformed. */
export function bearerToken(header: string | undefined): string {
  if (header === undefined) throw new Refusal('UNAUTHENTICATED')
  const token = /^Bearer +([\w\-.~+/]+=*) *$/i.exec(header.slice(0, tokenMax + 10))?.[1]
  if (!token || token.length > tokenMax) throw tokenRefused('TOKEN_MALFORMED')
  return token
}
