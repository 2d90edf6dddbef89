import type pg from 'pg'
import type { PgBoss } from 'pg-boss'
import { jobConnectionsName } from '../store/database.ts'

/** Jobs by queue. */
export type OrphanedJobs = { name: string; ids: string[] }[]

/**
 * Jobs that count as worked on while no process is connected to the queue: theirs was killed. Asked before
 * this process connects. With another process there, nobody knows whose they are, and the heartbeat decides.
 */
export async function findOrphanedJobs(owner: pg.Pool): Promise<OrphanedJobs> {
  const found = await owner.query<{ there: boolean }>(
    `select to_regclass('pgboss.job') is not null as there`,
  )
  if (!found.rows[0]?.there) return []
  const { rows } = await owner.query<{ name: string; ids: string[] }>(
    `select name, array_agg(id::text) as ids from pgboss.job
     where state = 'active' and not exists (
       select from pg_stat_activity
       where datname = current_database() and application_name = $1)
     group by name`,
    [jobConnectionsName],
  )
  return rows
}

/** Gives them back for another try at once. A process that lives after all brings what is dropped. */
export async function giveBackJobs(boss: PgBoss, orphaned: OrphanedJobs): Promise<void> {
  for (const { name, ids } of orphaned) await boss.fail(name, ids, { reason: 'the process ended' })
}
