import { type ApiToken, isSecretOf } from '../../commands/api-token.ts'
import type { ApiTokens } from '../../store/api-tokens.ts'
import { grantedScopes, type Identity } from '../identity.ts'
import { tokenRefused } from './bearer-token.ts'

export interface ApiTokenDeps {
  readonly apiTokens: ApiTokens
  readonly now: () => Date
  readonly log: { warn(context: object, message: string): void }
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
    const counts =
      isSecretOf(secret, stored?.secretSha256 ?? '') &&
      stored !== null &&
      !stored.revoked &&
      (stored.expiresAt === null || stored.expiresAt > at)
    if (!counts) throw tokenRefused('The access token is unknown, revoked or expired.')
    if (at.getTime() - (stored.lastUsedAt?.getTime() ?? 0) > noteEveryMs) {
      // The request does not wait for it, and does not fail with it.
      apiTokens
        .used(stored.userId, tokenId)
        .catch((error: unknown) => log.warn({ err: error }, 'use of a token not noted'))
    }
    return { userId: stored.userId, scopes: grantedScopes(stored.scopes), tokenId }
  }
