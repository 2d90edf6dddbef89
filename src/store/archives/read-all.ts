import type pg from 'pg'
import { translateDatabaseError } from '../database/database-error.ts'

const rowsPerPage = 500

/** All rows of a query in one snapshot and constant memory. `asKeeper`: over all users, from the owner's pool. */
export async function* readAll<Row extends object>(
  pool: pg.Pool,
  text: string,
  values: unknown[],
  options: { asKeeper?: boolean } = {},
): AsyncGenerator<Row> {
  const client = await pool.connect().catch((error: unknown) => {
    throw translateDatabaseError(error)
  })
  let broken = true
  try {
    const role = options.asKeeper ? '; set local role nova_keeper' : ''
    await client.query(
      `begin isolation level repeatable read read only; set local statement_timeout = 0${role}`,
    )
    await client.query(`declare everything no scroll cursor for ${text}`, values)
    for (;;) {
      const { rows } = await client.query<Row>(`fetch ${rowsPerPage} from everything`)
      yield* rows
      if (rows.length < rowsPerPage) break
    }
    await client.query('commit')
    broken = false
  } catch (error) {
    throw translateDatabaseError(error)
  } finally {
    client.release(broken)
  }
}
