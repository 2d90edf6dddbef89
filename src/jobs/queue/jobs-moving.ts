import type { PgBoss } from 'pg-boss'
import { stillMs } from '../../store/database/readiness.ts'

/**
 * Whether this process's workers ask the queue for jobs: from what the queue remembers, without the database, so
 * that it can be said while connections are silent. A worker that has a job in hand does not ask.
 */
export function jobsMoving(
  boss: Pick<PgBoss, 'getWipData'>,
  now = Date.now(),
): string | { problem: string } {
  const workers = boss.getWipData().filter(({ state }) => state === 'active')
  const still = workers.filter(({ count, createdOn, lastFetchedOn, lastJobEndedOn }) => {
    const heard = Math.max(createdOn, lastFetchedOn ?? 0, lastJobEndedOn ?? 0)
    return count === 0 && now - heard > stillMs
  })
  if (still.length === 0) return 'taken'
  const names = [...new Set(still.map(({ name }) => name))].toSorted().join(', ')
  return { problem: `no answer from the queue for ${stillMs / 1000} s: ${names}` }
}
