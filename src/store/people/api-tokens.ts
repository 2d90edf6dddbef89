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
