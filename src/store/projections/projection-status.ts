import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { translateDatabaseError } from '../database/database-error.ts'

export interface ProjectionStatus {
  name: string
  generation: number
  status: 'live' | 'rebuilding' | 'retired'
  position: number
  /** Positions between the checkpoint and what is safe to fold. */
  lag: number
  events_seen: number
  failed_position: number | null
  failure: string | null
  updated_at: Date
}

/** Lets a reader wait until the projections have seen what it wrote. */
export interface ProjectionGate {
  /**
   * False when the time was over first, or the database did not say: lists may then be older than the write.
   * Never throws, since what was written stands, and never takes longer than the time.
   */
  waitFor(names: readonly string[], position: number, timeoutMs?: number): Promise<boolean>
  status(): Promise<ProjectionStatus[]>
}

const pauseMs = 5
const waitMs = 2000
/** A worker that lives is faster than this; after it the reader folds by itself. */
const workerMs = 20

/**
 * `catchUp` folds the projections from here: the lock on the checkpoint makes that safe, and a reader is
 * never late because a worker died with its job.
 */
export const createProjectionGate = (
  pool: pg.Pool,
  catchUp: (names: readonly string[]) => void,
): ProjectionGate => {
  const follow = async (names: readonly string[], position: number, timeoutMs: number) => {
    const deadline = Date.now() + timeoutMs
    for (let pause = pauseMs; ; pause = Math.min(pause * 2, 100)) {
      const { rows } = await query<{ behind: number }>(
        pool,
        `select count(*) as behind from nova.projections
         where name = any($1) and status = 'live' and position < $2`,
        [names, position],
      )
      if (rows[0]?.behind === 0) return true
      if (Date.now() + pause > deadline) return false
      if (pause > workerMs) catchUp(names)
      await delay(pause)
    }
  }
  return {
    async waitFor(names, position, timeoutMs = waitMs) {
      const timeUp = new AbortController()
      const late = delay(timeoutMs, false, { signal: timeUp.signal })
      const seen = follow(names, position, timeoutMs).catch(() => false)
      try {
        return await Promise.race([seen, late])
      } finally {
        timeUp.abort()
        late.catch(() => {})
      }
    },
    async status() {
      const { rows } = await query<ProjectionStatus>(
        pool,
        `select name, generation, status, position, events_seen, failed_position, failure, updated_at,
         greatest(0, nova.safe_position() - position) as lag
       from nova.projections where status <> 'retired' order by name, generation`,
        [],
      )
      return rows
    },
  }
}

async function query<Row extends object>(pool: pg.Pool, text: string, values: unknown[]) {
  try {
    return await pool.query<Row>(text, values)
  } catch (error) {
    throw translateDatabaseError(error)
  }
}
