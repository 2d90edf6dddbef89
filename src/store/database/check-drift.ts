import type pg from 'pg'
import { schemaSections } from './describe-schema.ts'
import { inTransaction } from './in-transaction.ts'
import { migrationsFolder, readMigrations } from './migration-files.ts'
import { migrationScript } from './migration-script.ts'
import { readSqlTree } from './sql-tree.ts'

export interface Drift {
  /** What the migrations and the SQL make and the database has not. */
  missing: string[]
  /** What the database has and they do not make. */
  unexpected: string[]
}

/**
 * Compares a live database with what this Nova makes. Both are described by the same server: the schema is made
 * beside the live one in a transaction that is rolled back, some 200 ms during which nothing is locked that
 * readers or writers need.
 */
export async function checkDrift(owner: pg.Pool): Promise<Drift> {
  const script = migrationScript(await readMigrations(migrationsFolder), await readSqlTree())
  const body = script.replace(/^begin;\n/, '').replace(/\ncommit;$/, '')
  let drift: Drift = { missing: [], unexpected: [] }
  await inTransaction(owner, 'begin', async (client) => {
    const live = await described(client)
    await client.query(
      `alter schema nova rename to nova_live; alter schema nova_meta rename to nova_meta_live;
       alter schema nova_research rename to nova_research_live`,
    )
    await client.query(body)
    const made = await described(client)
    drift = { missing: without(made, live), unexpected: without(live, made) }
    throw rolledBack
  }).catch((error: unknown) => {
    if (error !== rolledBack) throw error
  })
  return drift
}

const rolledBack = new Error('rolled back on purpose')

/** Lines with their sections. A projection's live generation counts as its first. */
async function described(client: pg.PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ name: string; generation: number; status: string }>(
    'select name, generation, status from nova.projections',
  )
  const live = rows.filter(({ status }) => status === 'live')
  const others = rows.filter(({ status }) => status === 'rebuilding')
  const sections = await schemaSections(client)
  return sections.flatMap(({ title, lines }) =>
    lines
      .filter((line) => !others.some((row) => line.includes(`${row.name}_g${row.generation}`)))
      .map((line) => {
        let same = line
        for (const { name, generation } of live) {
          same = same.replaceAll(`${name}_g${generation}`, `${name}_g1`)
        }
        return `${title}: ${same.trim()}`
      }),
  )
}

const without = (lines: readonly string[], others: readonly string[]): string[] => {
  const known = new Set(others)
  return lines.filter((line) => !known.has(line))
}
