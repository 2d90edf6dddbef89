import type { Database } from './database.ts'
import { pendingMigrations } from './migrate.ts'
import type { ProjectionGate } from './projection-status.ts'

export interface Readiness {
  ok: boolean
  checks: { name: string; ok: boolean; detail: string }[]
}

/** Whether requests can be served now: database, schema, projections. Holds no secret. */
export async function checkReadiness(
  database: Database,
  projections: ProjectionGate,
): Promise<Readiness> {
  const checks = [
    await check('database', async () => {
      await database.app.query('select 1')
      return database.describe
    }),
    await check('migrations', async () => {
      const pending = await pendingMigrations(database)
      if (pending.length > 0) throw new Error(`${pending.length} not applied`)
      return 'up to date'
    }),
    await check('projections', async () => {
      const stopped = (await projections.status()).filter((row) => row.failed_position !== null)
      if (stopped.length === 0) return 'following'
      throw new Error(
        stopped.map((row) => `${row.name} stopped at ${row.failed_position}`).join(', '),
      )
    }),
  ]
  return { ok: checks.every(({ ok }) => ok), checks }
}

async function check(name: string, probe: () => Promise<string>) {
  try {
    return { name, ok: true, detail: await probe() }
  } catch (error) {
    return { name, ok: false, detail: (error as Error).message }
  }
}
