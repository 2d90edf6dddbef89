import { Refusal } from '../errors.ts'
import type { Database } from './database.ts'
import { translateDatabaseError } from './database-error.ts'
import { pendingMigrations } from './migrate.ts'
import type { ProjectionGate } from './projection-status.ts'

export interface Readiness {
  ok: boolean
  checks: { name: string; ok: boolean; detail: string }[]
}

/**
 * Says whether requests can be served now: database, schema, projections. Anyone may ask, so the answer
 * holds no address and no name, and all who ask at once share one look.
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
      const pending = await pendingMigrations(database)
      return pending.length === 0 ? 'up to date' : { problem: `${pending.length} not applied` }
    }),
    await check('projections', async () => {
      // A rebuild that stopped is seen by its operator; readers are served by the live generation.
      const stopped = (await projections.status()).filter(
        (row) => row.status === 'live' && row.failed_position !== null,
      )
      if (stopped.length === 0) return 'following'
      const where = stopped.map((row) => `${row.name} stopped at ${row.failed_position}`)
      return { problem: where.join(', ') }
    }),
  ]
  return { ok: checks.every(({ ok }) => ok), checks }
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
