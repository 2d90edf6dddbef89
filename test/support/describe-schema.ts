import type pg from 'pg'
import { schemaSections } from '../../src/store/database/describe-schema.ts'

/** The whole migrated schema as text. */
export async function describeSchema(client: Pick<pg.ClientBase, 'query'>): Promise<string> {
  const parts = (await schemaSections(client)).map(
    ({ title, lines }) => `-- ${title}\n\n${lines.join('\n').trimEnd()}`,
  )
  return `${parts.join('\n\n')}\n`
}
