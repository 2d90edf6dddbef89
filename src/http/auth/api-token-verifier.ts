import { type ApiToken, isSecretOf } from '../../commands/people/api-token.ts'
import { grantedScopes, type Identity } from '../../commands/people/identity.ts'
import type { Log } from '../../log.ts'
import type { ApiTokens } from '../../store/people/api-tokens.ts'
import { tokenRefused } from './token-problem.ts'

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
