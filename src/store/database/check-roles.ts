import type pg from 'pg'
import { Refusal } from '../../errors.ts'
import type { Database } from './database.ts'
import { translateDatabaseError } from './database-error.ts'

/**
 * Makes sure that row-level security binds us. The roles travel as session options, and a connection
 * pooler that drops those would leave every connection with the owner's rights, silently.
 * Throws Refusal DATABASE_POOLED, DATABASE_NOT_MIGRATED or DATABASE_UNAVAILABLE. Call once the schema is up to date.
 */
export async function checkRoles(database: Pick<Database, 'app' | 'projector'>): Promise<void> {
  try {
    await Promise.all([
      checkRole(database.app, 'nova_app'),
      checkRole(database.projector, 'nova_projector'),
    ])
  } catch (error) {
    throw translateDatabaseError(error)
  }
}

async function checkRole(pool: pg.Pool, expected: string): Promise<void> {
  const { rows } = await pool.query<{ role: string; unbound: boolean }>(
    `select current_user as role, rolsuper or rolbypassrls as unbound
       from pg_roles where rolname = current_user`,
  )
  const [session] = rows
  if (session?.role !== expected) throw new Refusal('DATABASE_POOLED')
  if (!session.unbound) return
  const problem = `the role ${session.role} is not bound by row-level security`
  throw new Refusal('DATABASE_NOT_MIGRATED', { problem })
}
