import type { Database } from '../../src/store/database/database.ts'

/** All rows of a read model, whoever's they are, as text to compare. */
export async function rowsOf(
  database: Database,
  name: string,
  without: readonly string[] = [],
): Promise<string[]> {
  const { rows } = await database.projector.query<{ row: string }>(
    `select (to_jsonb(t) - $1::text[])::text as row from nova.${name} t order by 1`,
    [without],
  )
  return rows.map(({ row }) => row)
}
