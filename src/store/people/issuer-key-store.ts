import type pg from 'pg'
import { translateDatabaseError } from '../database/database-error.ts'
/** What an issuer last said of itself. It is public, but who can change it can sign in as anyone. */
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

/** An issuer's keys in PostgreSQL, one row each; the latest confirmation stays. */
export const createIssuerKeyStore = (pool: pg.Pool): IssuerKeyStore => ({
  async load(issuer) {
    try {
      const { rows } = await pool.query<KeptIssuerKeys>(
        `select spelled, jwks_uri as "jwksUri", keys, confirmed_at as "confirmedAt"
         from nova.issuer_keys where issuer = $1`,
        [issuer],
      )
      return rows[0] ?? null
    } catch (error) {
      throw translateDatabaseError(error)
    }
  },
  async save(issuer, { spelled, jwksUri, keys, confirmedAt }) {
    try {
      await pool.query(
        `insert into nova.issuer_keys as k values ($1, $2, $3, $4, $5)
         on conflict (issuer) do update set spelled = excluded.spelled, jwks_uri = excluded.jwks_uri,
           keys = excluded.keys, confirmed_at = excluded.confirmed_at
           where k.confirmed_at < excluded.confirmed_at`,
        [issuer, spelled, jwksUri, JSON.stringify(keys), confirmedAt],
      )
    } catch (error) {
      throw translateDatabaseError(error)
    }
  },
})
