/** What an issuer last said of itself; public, but whoever could change it could sign anyone in. */
export interface KeptIssuerKeys {
  /** The issuer as its tokens spell it. */
  spelled: string
  jwksUri: string
  /** A JSON Web Key Set, as it came. */
  keys: unknown
  confirmedAt: Date
}

/** Keeps an issuer's keys over restarts, for all servers of a database. */
export interface IssuerKeyStore {
  load(issuer: string): Promise<KeptIssuerKeys | null>
  save(issuer: string, kept: KeptIssuerKeys): Promise<void>
}
