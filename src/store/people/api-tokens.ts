import type pg from 'pg'
import { translateDatabaseError } from '../database/database-error.ts'
/** What is stored of an API token. */
export interface StoredApiToken {
  userId: string
  secretSha256: string
  scopes: string[]
  /** Null: never. */
  expiresAt: Date | null
  revoked: boolean
  lastUsedAt: Date | null
}

/** Finds tokens of users who are not known yet: the token is what makes them known. */
export interface ApiTokens {
  /** As of now on all servers: nothing is cached, so that a revocation counts at once. */
  find(tokenId: string): Promise<StoredApiToken | null>
  /** Notes the use of a token, at most once a minute. */
  used(userId: string, tokenId: string): Promise<void>
}

const findStatement = {
  name: 'nova_find_api_tokens',
  text: `select id, user_id as "userId", secret_sha256 as "secretSha256", scopes,
           expires_at as "expiresAt", revoked, last_used_at as "lastUsedAt"
         from unnest($1::text[]) as id, nova.find_api_token(id)`,
}

const batchMax = 100

interface Asking {
  id: string
  resolve: (token: StoredApiToken | null) => void
  reject: (error: unknown) => void
}

/**
 * API tokens on PostgreSQL; sql/people/find-api-token.sql holds the rule. Look-ups that come in the same turn of the
 * event loop share a statement, which starts after all of them: under load that is several times cheaper
 * than one each, and shows each of them the newest state all the same.
 */
export function createApiTokens(app: pg.Pool): ApiTokens {
  let asking: Asking[] = []

  async function findAll(batch: readonly Asking[]): Promise<void> {
    try {
      const ids = [...new Set(batch.map(({ id }) => id))]
      const { rows } = await app.query<StoredApiToken & { id: string }>({
        ...findStatement,
        values: [ids],
      })
      const found = new Map(rows.map(({ id, ...token }) => [id, token]))
      for (const { id, resolve } of batch) resolve(found.get(id) ?? null)
    } catch (error) {
      for (const { reject } of batch) reject(translateDatabaseError(error))
    }
  }

  function findAsked(): void {
    const all = asking
    asking = []
    for (let from = 0; from < all.length; from += batchMax) {
      void findAll(all.slice(from, from + batchMax))
    }
  }

  return {
    find: (id) =>
      new Promise((resolve, reject) => {
        if (asking.length === 0) setImmediate(findAsked)
        asking.push({ id, resolve, reject })
      }),
    async used(userId, tokenId) {
      await app.query('select nova.api_token_used($1, $2)', [userId, tokenId])
    },
  }
}
