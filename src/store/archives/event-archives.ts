import type pg from 'pg'
import { Refusal } from '../../errors.ts'

/** `usage`: the streams that end with their month. `all`: also articles and links without later events. */
export type ArchivePart = 'usage' | 'all'

/** A part of a month whose events are in a file and not in the database. */
export interface ArchivedMonth {
  month: string
  part: ArchivePart
  events: number
}

/** What is archived, oldest month first. */
export async function archivedMonths(
  pool: Pick<pg.Pool | pg.PoolClient, 'query'>,
): Promise<ArchivedMonth[]> {
  const { rows } = await pool.query<ArchivedMonth>(
    `select to_char(a.month, 'YYYY-MM') as month, part, events from nova.event_archives a
     order by a.month, part`,
  )
  return rows
}

/** The months for people: `2025-11 (usage), 2025-12`. */
export const sayMonths = (archives: readonly ArchivedMonth[]): string =>
  archives.map(({ month, part }) => (part === 'usage' ? `${month} (usage)` : month)).join(', ')

/** Throws Refusal EVENTS_ARCHIVED, naming the months, when one of the parts is archived. */
export async function assertNothingArchived(
  pool: pg.Pool,
  what: string,
  parts: readonly ArchivePart[],
): Promise<void> {
  const needed = (await archivedMonths(pool)).filter(({ part }) => parts.includes(part))
  if (needed.length > 0) throw new Refusal('EVENTS_ARCHIVED', { what, months: sayMonths(needed) })
}
