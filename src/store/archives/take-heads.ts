import type pg from 'pg'
import { translateDatabaseError } from '../database/database-error.ts'
import type { HeadsTaken, StreamHead } from './heads-file.ts'
import { readAll } from './read-all.ts'

/**
 * Where the chain of every stream ends, in order of user and stream, as of one moment; in constant memory.
 * It says what is stored and not whether that is whole: verify first.
 */
export async function takeHeads(
  owner: pg.Pool,
): Promise<{ taken: HeadsTaken; heads: AsyncGenerator<StreamHead> }> {
  try {
    // Before the heads, in an earlier snapshot; see nova.safe_position.
    const { rows } = await owner.query<{ name: string; position: number; taken_at: Date }>(
      `select current_database() as name, coalesce(nova.safe_position(), 0) as position,
         clock_timestamp() as taken_at`,
    )
    const [now] = rows
    if (!now) throw new Error('the database did not say where it is')
    const { name, position, taken_at } = now
    const database = { name, system: await systemIdentifier(owner) }
    return {
      taken: { nova_heads: 1, database, position, taken_at: taken_at.toISOString() },
      heads: readAll<StreamHead>(
        owner,
        `select user_id, stream_id, version, encode(last_hash, 'hex') as hash from nova.streams
         where version > 0 order by user_id collate "C", stream_id collate "C"`,
        [],
        { asKeeper: true },
      ),
    }
  } catch (error) {
    throw translateDatabaseError(error)
  }
}

/** The id of the server's data folder. A copy made by a dump has another; a copy of the files has the same. */
export async function systemIdentifier(client: Pick<pg.Pool, 'query'>): Promise<string> {
  const { rows } = await client.query<{ system: string }>(
    'select system_identifier::text as system from pg_control_system()',
  )
  return rows[0]?.system ?? ''
}
