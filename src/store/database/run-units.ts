import type pg from 'pg'
import { waitForAnswers } from './database-pools.ts'
import { isErrorCode } from './error-code.ts'

/** One migration in one direction. */
export interface MigrationUnit {
  path: string
  sql: string
}

export interface Plan {
  units: readonly MigrationUnit[]
  /** SQL that belongs to the same transaction. */
  afterwards: string
}

/**
 * Runs what is planned in one transaction, while no other process does; the plan is made under the lock.
 * Answers what keeps the database busy, when that was why nothing was changed. Throws what the database says.
 */
export async function runUnits(
  pool: pg.Pool,
  direction: 'up' | 'down',
  folder: string,
  plan: () => Promise<Plan>,
): Promise<string | undefined> {
  // Loaded on demand: an up-to-date database, the usual case, needs none of it.
  const { PG_MIGRATE_LOCK_ID, runner } = await import('node-pg-migrate')
  const client = await pool.connect()
  waitForAnswers(client)
  try {
    // It waits for less time than a deadlock takes to be found (1 s): servers that run meanwhile are held up for
    // a moment, and it is this side that gives up and tries again.
    await client.query(`set lock_timeout = '500ms'`)
    // Waiting in the database would deadlock with a migration that waits for all transactions.
    const { rows } = await client.query<{ mine: boolean }>(
      'select pg_try_advisory_lock($1) as mine',
      [PG_MIGRATE_LOCK_ID],
    )
    if (!rows[0]?.mine) return 'another process is still migrating it'
    const { units, afterwards } = await plan()
    if (units.length === 0) {
      if (afterwards) await client.query(`begin; ${afterwards}; commit`)
      return undefined
    }
    // The way down runs from the last to the first.
    const last = direction === 'up' ? units.at(-1) : units[0]
    await runner({
      dbClient: client,
      dir: folder,
      direction,
      count: units.length,
      migrationsTable: 'migrations',
      migrationsSchema: 'nova_meta',
      createMigrationsSchema: true,
      migrationLoaderStrategies: [
        {
          extensions: ['.sql'],
          loader: async () =>
            units.map((unit) => loaded(direction, unit, unit === last ? afterwards : '')),
        },
      ],
      // Taken above, around the plan as well.
      noLock: true,
      checkOrder: false,
      singleTransaction: true,
      logger: silent,
    })
    return undefined
  } catch (error) {
    const busy = whatIsBusy(error)
    if (!busy) throw error
    return busy
  } finally {
    // The lock and the settings live in the session, so it must end.
    client.release(true)
  }
}

const loaded = (direction: 'up' | 'down', { path, sql }: MigrationUnit, afterwards: string) => ({
  id: path,
  filePaths: [path],
  actions: {
    [direction]: (builder: { sql(text: string): void }) => builder.sql(`${sql}\n;${afterwards}`),
  },
})

// The library logs every statement at will; what matters comes as its result or its error.
const silent = { info() {}, warn() {}, error() {} }

/** Why the same migration may succeed a moment later, if so. */
function whatIsBusy(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (isErrorCode(error, '55P03', '40P01')) return 'other sessions keep its tables locked'
  // Databases of one server share its roles, and another of them creates the same ones.
  const sharesRoles = isErrorCode(error, '23505') && error.message.includes('"pg_')
  const isShared = sharesRoles || /tuple concurrently updated/.test(error.message)
  return isShared ? 'another database of this server keeps changing the roles' : undefined
}
