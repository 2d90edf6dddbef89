import type pg from 'pg'
import { isErrorCode } from './error-code.ts'

/**
 * Whether the database has the schema of before the first release, whose migrations were numbered: present
 * ones do not go on from there.
 */
export async function isBeforeBaseline(owner: pg.Pool): Promise<boolean> {
  try {
    const { rows } = await owner.query<{ numbered: boolean }>(
      `select exists (
         select from nova_meta.migration_checksums where name ~ '^\\d{4}-') as numbered`,
    )
    return rows[0]?.numbered === true
  } catch (error) {
    if (isErrorCode(error, '42P01', '3F000')) return false
    throw error
  }
}
