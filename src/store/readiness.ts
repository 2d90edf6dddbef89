import { Refusal } from '../errors.ts'
import { pendingWork } from './database/migrate.ts'
import type { Database } from './database.ts'
import { translateDatabaseError } from './database-error.ts'
import type { ProjectionGate, ProjectionStatus } from './projection-status.ts'

export interface Readiness {
  /** Requests can be served. */
  ok: boolean
  /** They can, but something that others go on without stands still; a check says what. */
  degraded: boolean
  checks: { name: string; ok: boolean; detail: string }[]
}

/**
 * Says whether requests can be served now: database, schema; and whether all projections follow. Anyone may
 * ask, so the answer holds no address and no name, and all who ask at once share one look.
 */
export function createReadiness(
  database: Database,
  projections: ProjectionGate,
): () => Promise<Readiness> {
  let looking: Promise<Readiness> | null = null
  return () => {
    looking ??= look(database, projections).finally(() => {
      looking = null
    })
    return looking
  }
}

async function look(database: Database, projections: ProjectionGate): Promise<Readiness> {
  const checks = [
    await check('database', async () => {
      await database.app.query('select 1')
      return 'reachable'
    }),
    await check('migrations', async () => {
      const { applied: pending, installed } = await pendingWork(database)
      return pending.length === 0 && !installed
        ? 'up to date'
        : {
            problem:
              pending.length > 0 ? `${pending.length} not applied` : 'SQL of another revision',
          }
    }),
  ]
  const ok = checks.every((found) => found.ok)
  // Every server reads the same projections: one that stopped must not take all of them out of rotation.
  checks.push(
    await check('projections', async () => {
      // A rebuild that stopped is seen by its operator; readers are served by the live generation.
      const stopped = (await projections.status()).filter(
        (row) => row.status === 'live' && row.failed_position !== null,
      )
      if (stopped.length === 0) return 'following'
      return { problem: stopped.map(sayStopped).join('; ') }
    }),
  )
  return { ok, degraded: ok && !checks.every((found) => found.ok), checks }
}

/** Values of events stand in quotes in what PostgreSQL says, and are nobody's business here. */
function sayStopped({ name, failed_position, failure }: ProjectionStatus): string {
  const why = (failure ?? '').replace(/"[^"]*"/g, '"…"').slice(0, 200)
  return `${name} stopped before the event at ${failed_position}: ${why}`
}

async function check(name: string, probe: () => Promise<string | { problem: string }>) {
  try {
    const found = await probe()
    if (typeof found === 'string') return { name, ok: true, detail: found }
    return { name, ok: false, detail: found.problem }
  } catch (error) {
    const refusal = translateDatabaseError(error)
    return { name, ok: false, detail: refusal instanceof Refusal ? refusal.message : 'failed' }
  }
}
