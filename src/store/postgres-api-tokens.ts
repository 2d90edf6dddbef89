import type pg from 'pg'
import type { ApiTokens, StoredApiToken } from './api-tokens.ts'
import { translateDatabaseError } from './database-error.ts'

const findStatement = {
  name: 'nova_find_api_token',
  text: `select user_id as "userId", secret_sha256 as "secretSha256", scopes,
           expires_at as "expiresAt", revoked, last_used_at as "lastUsedAt"
         from nova.find_api_token($1)`,
}

/** API tokens on PostgreSQL, one statement a look-up; migration 0020 holds the rule. */
export const createApiTokens = (app: pg.Pool): ApiTokens => ({
  async find(tokenId) {
    try {
      const { rows } = await app.query<StoredApiToken>({ ...findStatement, values: [tokenId] })
      return rows[0] ?? null
    } catch (error) {
      throw translateDatabaseError(error)
    }
  },
  async used(userId, tokenId) {
    await app.query('select nova.api_token_used($1, $2)', [userId, tokenId])
  },
})
