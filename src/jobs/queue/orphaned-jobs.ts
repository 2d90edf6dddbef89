import type pg from 'pg'
import type { PgBoss } from 'pg-boss'
import type { Log } from '../../log.ts'
import { jobLockClass } from './job-locks.ts'

/** A job found without a worker twice, this long apart, has none; found once, it may just have been taken. */
const lookMs = 700

/**
 * Gives jobs whose process was killed back for another try, until `closing`. A process that lives after all
 * brings what is dropped: each outcome is recorded once.
 */
export function rescueJobs(
  { boss, owner, log }: { boss: PgBoss; owner: pg.Pool; log: Log },
  closing: AsyncDisposableStack,
): void {
  let suspects: ReadonlySet<string> = new Set()
  let looking = Promise.resolve()
  const look = async () => {
    try {
      const unlocked = await findUnlockedJobs(owner)
      const orphaned = unlocked.filter(({ id }) => suspects.has(id))
      await giveBack(boss, owner, orphaned)
      suspects = new Set(unlocked.map(({ id }) => id))
    } catch (error) {
      suspects = new Set()
      log.warn({ err: error }, 'jobs of killed processes not looked for')
    }
    timer = setTimeout(next, lookMs)
  }
  const next = () => {
    looking = look()
  }
  let timer = setTimeout(next, 0)
  closing.defer(async () => {
    clearTimeout(timer)
    await looking
    clearTimeout(timer)
  })
}

interface OrphanedJob {
  name: string
  id: string
}

/** Jobs that count as worked on though no process holds their lock. */
export async function findUnlockedJobs(owner: pg.Pool): Promise<OrphanedJob[]> {
  const { rows } = await owner.query<OrphanedJob>(
    `select j.name, j.id::text as id from pgboss.job j
     where j.state = 'active' and not starts_with(j.name, '__pgboss') and not exists (
       select from pg_locks l
       where l.locktype = 'advisory' and l.granted and l.objsubid = 2
         and l.database = (select oid from pg_database where datname = current_database())
         and l.classid::bigint = hashtext($1)::bigint & 4294967295
         and l.objid::bigint = hashtext(j.id::text)::bigint & 4294967295)`,
    [jobLockClass],
  )
  return rows
}

async function giveBack(boss: PgBoss, owner: pg.Pool, jobs: readonly OrphanedJob[]): Promise<void> {
  for (const { name, id } of jobs) {
    await boss.fail(name, id, { reason: 'the process ended' })
    // Nothing was wrong with the work, so it need not wait for its next try.
    await owner.query(
      `update pgboss.job set start_after = now() where name = $1 and id = $2 and state = 'retry'`,
      [name, id],
    )
  }
}
