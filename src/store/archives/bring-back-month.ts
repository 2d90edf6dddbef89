import type pg from 'pg'
import { Refusal } from '../../errors.ts'
import { isErrorCode } from '../database/error-code.ts'
import { type MonthContent, readArchive } from './archive-lines.ts'
import { asKeeper } from './as-keeper.ts'
import { insertEventLines } from './insert-event-lines.ts'
import { verifyMonth } from './verify-events.ts'

/**
 * Brings a part of a month back, at its old positions: all of it and verified, or nothing. It is loaded
 * beside the months there are, so that nobody waits but for the moment in which it takes its place. A
 * stream's months come back newest first, since its chain goes on from the last archived event. Throws
 * Refusal ARCHIVE_INVALID.
 */
export async function bringBackMonth(
  owner: pg.Pool,
  path: string,
  lines: AsyncIterable<string>,
): Promise<MonthContent> {
  const refuse = (problem: string) => new Refusal('ARCHIVE_INVALID', { path, problem })
  return asKeeper(
    owner,
    async (client) => {
      let spare = ''
      const content = await readArchive(lines, async (page, { month }) => {
        spare ||= await createSpare(client, month)
        await insertEventLines(client, page, { into: spare })
      })
      if (!content) throw refuse('it is not a whole archive')
      const problem = await cannotComeBack(client, content)
      if (problem) throw refuse(problem)
      const broken = await verifyMonth(client, spare, content.month)
      if (broken) throw refuse(`its events do not make ${broken.stream_id} whole`)
      await client.query('select nova.bring_back_month($1::date, $2)', [
        `${content.month}-01`,
        content.part,
      ])
      return content
    },
    { role: 'owner' },
  ).catch((error: unknown) => {
    if (isErrorCode(error, '23505')) throw refuse('its events are in the database already')
    if (isErrorCode(error, '23514')) throw refuse('it holds events of another month')
    throw error
  })
}

async function createSpare(client: pg.PoolClient, month: string): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    'select nova.create_spare_month($1::date) as name',
    [`${month}-01`],
  )
  return rows[0]?.name ?? ''
}

/** Why not, or null: it must be an archive of this database, and none of its streams archived further. */
async function cannotComeBack(
  client: pg.PoolClient,
  content: MonthContent,
): Promise<string | null> {
  const { rows } = await client.query<{ next: string | null }>(
    `select (
       select to_char(max(later.month), 'YYYY-MM') from nova.archived_streams later
       join nova.archived_streams s using (user_id, stream_id)
       where s.month = a.month and s.part = a.part and later.month > s.month) as next
     from nova.event_archives a where a.month = $1::date and a.part = $2 and a.digest = decode($3, 'hex')`,
    [`${content.month}-01`, content.part, content.digest],
  )
  const [found] = rows
  if (!found) return 'it is not what was archived last of that month of this database'
  return found.next === null ? null : `the month that comes back next is ${found.next}`
}
