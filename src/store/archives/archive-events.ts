import type pg from 'pg'
import { Refusal } from '../../errors.ts'
import type { Database } from '../database/database.ts'
import { isErrorCode } from '../database/error-code.ts'
import type { LeavingMonth, MonthContent } from './archive-lines.ts'
import { asKeeper } from './as-keeper.ts'
import type { ArchivePart } from './event-archives.ts'

/**
 * The oldest month (`yyyy-mm`) after one and before another that holds events which leave; null at the end.
 * Asked anew after each month: a stream of two months leaves the second only once it has left the first.
 */
export async function nextToArchive(
  owner: pg.Pool,
  { part, before, after }: { part: ArchivePart; before: string; after: string | null },
): Promise<string | null> {
  const ask = async (client: pg.PoolClient) => {
    const { rows } = await client.query<{ month: string }>(
      `with months as (
         select distinct date_trunc('month', recorded_at at time zone 'UTC')::date as month
         from nova.events where recorded_at < $2::date::timestamp at time zone 'UTC')
       select to_char(m.month, 'YYYY-MM') as month from months m
       where m.month > coalesce($3::date, '-infinity')
         and not exists (select from nova.event_archives a where a.month = m.month and a.part = $1)
         and exists (select from nova.leaving_streams(m.month, $1, $2::date))
       order by m.month limit 1`,
      [part, `${before}-01`, after && `${after}-01`],
    )
    return rows[0]?.month ?? null
  }
  return asKeeper(owner, ask, { role: 'owner' })
}

/**
 * Takes a part of a month out of the database, given what the file of it was read back to hold. Throws
 * Refusal ARCHIVE_NOT_READY while a projection has not folded the events, or when they are not those.
 */
export async function takeOutMonth(
  database: Pick<Database, 'owner' | 'projector'>,
  { month, part, before }: LeavingMonth,
  content: Pick<MonthContent, 'events' | 'lastPosition' | 'digest'>,
): Promise<void> {
  const { rows } = await database.projector.query<{ name: string }>(
    `select name from nova.projections where status <> 'retired' and position < $1 order by name`,
    [content.lastPosition],
  )
  const behind = rows.map(({ name }) => name).join(', ')
  if (behind) throw notReady(month, `not folded yet by ${behind}`)
  const values = [`${month}-01`, part, `${before}-01`, content.events, content.digest]
  try {
    await asKeeper(
      database.owner,
      (client) =>
        client.query(
          `select nova.take_out_month($1::date, $2, $3::date, $4, decode($5, 'hex'))`,
          values,
        ),
      { role: 'owner' },
    )
  } catch (error) {
    if (isErrorCode(error, 'NV004')) throw notReady(month, 'the file does not hold what is stored')
    throw error
  }
}

const notReady = (month: string, problem: string) =>
  new Refusal('ARCHIVE_NOT_READY', { month, problem })
