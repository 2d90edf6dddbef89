import { Refusal } from '../../errors.ts'
import type { ProjectionGate, ProjectionStatus } from '../projections/projection-status.ts'
import type { Database } from './database.ts'
import { translateDatabaseError } from './database-error.ts'
import { pendingWork } from './migrate.ts'
import { settledWithin } from './settled-within.ts'

export interface Readiness {
  /** Requests can be served. */
  ok: boolean
  /** They can, but something that others go on without stands still; a check says what. */
  degraded: boolean
  checks: { name: string; ok: boolean; detail: string }[]
}

type Found = string | { problem: string }

/** What is looked at. */
export interface Looked {
  database: Database
  projections: ProjectionGate
  /** Whether the workers of this process move, where there are some. */
  jobs?: () => Found
  /** Milliseconds of a clock that is never set back. */
  now?: () => number
}

/** A database that is silent is said to be, before those who ask give up themselves. */
const answerMs = 5000
/** What has work and has not moved for so long stands still. Workers ask for work every five seconds at least. */
export const stillMs = 20_000
/** A disk that refused a write counts as full for so long after the last time. */
const fullMs = 60_000

/**
 * Says whether requests can be served now: database, schema; and whether all projections follow, jobs are
 * taken and the database's disk has room. Anyone may ask, so the answer holds no address and no name, and all
 * who ask at once share one look.
 */
export function createReadiness(looked: Looked): () => Promise<Readiness> {
  let looking: Promise<Readiness> | null = null
  const moved = new Map<string, { position: number; at: number }>()
  return () => {
    looking ??= look(looked, moved).finally(() => {
      looking = null
    })
    return looking
  }
}

async function look(
  { database, projections, jobs, now = () => performance.now() }: Looked,
  moved: Map<string, { position: number; at: number }>,
): Promise<Readiness> {
  const checks = await Promise.all([
    check('database', async () => {
      await database.app.query('select 1')
      return 'reachable'
    }),
    check('migrations', async () => {
      const { applied: pending, installed } = await pendingWork(database)
      return pending.length === 0 && !installed
        ? 'up to date'
        : {
            problem:
              pending.length > 0 ? `${pending.length} not applied` : 'SQL of another revision',
          }
    }),
  ])
  const ok = checks.every((found) => found.ok)
  // Every server reads the same projections: one that stopped must not take all of them out of rotation.
  const others = [
    check('projections', async () => {
      // A rebuild that stopped is seen by its operator; readers are served by the live generation.
      const live = (await projections.status()).filter(({ status }) => status === 'live')
      const stopped = live.filter((row) => row.failed_position !== null).map(sayStopped)
      const still = live.filter((row) => standsStill(row, moved, now())).map(sayStill)
      const problems = [...stopped, ...still]
      return problems.length === 0 ? 'following' : { problem: problems.join('; ') }
    }),
    check('disk', async () => {
      const at = database.diskFullAt()
      if (at === null || now() - at > fullMs) return 'has room'
      return { problem: 'the disk of the database is full: it can be read, and stores nothing' }
    }),
    ...(jobs ? [check('jobs', async () => jobs())] : []),
  ]
  checks.push(...(await Promise.all(others)))
  return { ok, degraded: ok && !checks.every((found) => found.ok), checks }
}

/** Whether a projection that has something to fold is where it was a while ago. */
function standsStill(
  { name, position, lag, failed_position }: ProjectionStatus,
  moved: Map<string, { position: number; at: number }>,
  now: number,
): boolean {
  const before = moved.get(name)
  if (lag === 0 || before?.position !== position) {
    moved.set(name, { position, at: now })
    return false
  }
  return failed_position === null && now - before.at > stillMs
}

const sayStill = ({ name, lag }: ProjectionStatus): string =>
  `${name} stands still, ${lag} events behind`

/** Values of events stand in quotes in what PostgreSQL says, and are nobody's business here. */
function sayStopped({ name, failed_position, failure }: ProjectionStatus): string {
  const why = (failure ?? '').replace(/"[^"]*"/g, '"…"').slice(0, 200)
  return `${name} stopped before the event at ${failed_position}: ${why}`
}

async function check(name: string, probe: () => Promise<Found>) {
  try {
    const probing = probe()
    if (!(await settledWithin(probing, answerMs))) {
      return { name, ok: false, detail: `no answer within ${answerMs / 1000} s` }
    }
    const found = await probing
    if (typeof found === 'string') return { name, ok: true, detail: found }
    return { name, ok: false, detail: found.problem }
  } catch (error) {
    const refusal = translateDatabaseError(error)
    return { name, ok: false, detail: refusal instanceof Refusal ? refusal.message : 'failed' }
  }
}
