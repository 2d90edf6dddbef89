import { type Scope, scopes } from '../../events/people/token-events.ts'

/** Who is asking, from a verified token and nowhere else. */
export interface Identity {
  userId: string
  scopes: ReadonlySet<Scope>
  /** The OAuth client, when the token names one. */
  client?: string
  /** The API token that was sent, when it was one. */
  tokenId?: string
}

/** The user of a server without an issuer. No token's subject may be this name. */
export const localUserId = 'local'

/** The scopes of a token and what they include; other services' scopes are passed over. */
export function grantedScopes(claimed: readonly string[]): ReadonlySet<Scope> {
  const highest = Math.max(...scopes.map((scope, rank) => (claimed.includes(scope) ? rank : -1)))
  return new Set(scopes.slice(0, highest + 1))
}

/** The one user of a local or single-token server, who may do everything. */
export const localIdentity: Identity = { userId: localUserId, scopes: new Set(scopes) }
