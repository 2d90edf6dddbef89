import type { Config } from '../../config.ts'
import type { Database } from '../../store/database/database.ts'
import type { Finding } from './gains.ts'
import { probeBackups } from './probe-backups.ts'

/** Opens the database of the settings and looks at it; changes nothing in it. */
export async function probeDatabase(config: Config): Promise<Finding[]> {
  const { openDatabase } = await import('../../store/database/database.ts')
  let database: Database
  try {
    database = await openDatabase(config)
  } catch (error) {
    return [broken('database', error)]
  }
  try {
    const connected = await probeConnection(database)
    if (connected.state === 'broken') return [connected]
    const migrations = await probeMigrations(database)
    if (migrations.state !== 'ok') return [connected, migrations]
    return [
      connected,
      migrations,
      await probeRoles(database),
      ...(await probeProjections(database)),
      ...(await probeBackups(config, database)),
    ]
  } finally {
    await database.close()
  }
}

async function probeConnection(database: Database): Promise<Finding> {
  try {
    const { rows } = await database.owner.query<{ version: string; major: number }>(
      `select current_setting('server_version') as version,
              current_setting('server_version_num')::int / 10000 as major`,
    )
    const { version = 'unknown', major = 0 } = rows[0] ?? {}
    const detail = `${database.describe}, PostgreSQL ${version}`
    const old = major < 15
    return {
      state: old ? 'broken' : 'ok',
      name: database.kind,
      detail: old ? `${detail}; 15 is needed` : detail,
    }
  } catch (error) {
    return broken(database.kind, error, database.describe)
  }
}

async function probeMigrations(database: Database): Promise<Finding> {
  const { pendingWork } = await import('../../store/database/migrate.ts')
  try {
    const { applied, installed } = await pendingWork(database)
    const pending = [...applied, ...(installed ? ['functions and views'] : [])]
    if (pending.length === 0) return { state: 'ok', name: 'migrations', detail: 'up to date' }
    const detail = `${pending.length} pending (${pending.join(', ')}); nova serve or nova migrate applies them`
    return { state: 'note', name: 'migrations', detail }
  } catch (error) {
    return broken('migrations', error)
  }
}

async function probeRoles(database: Database): Promise<Finding> {
  const { checkRoles } = await import('../../store/database/check-roles.ts')
  try {
    await checkRoles(database)
    return {
      state: 'ok',
      name: 'roles',
      detail: 'nova_app and nova_projector, bound by row-level security',
    }
  } catch (error) {
    return broken('roles', error)
  }
}

async function probeProjections(database: Database): Promise<Finding[]> {
  const { createProjectionGate } = await import('../../store/projections/projection-status.ts')
  try {
    const rows = await createProjectionGate(database.app, () => {}).status()
    return rows.map((row) => {
      if (row.failed_position !== null) {
        const detail = `halted at event ${row.failed_position}: ${row.failure ?? ''}`
        return { state: 'broken', name: row.name, detail }
      }
      return {
        state: 'ok',
        name: row.name,
        detail: `generation ${row.generation}, ${row.status}, ${row.lag} behind`,
      }
    })
  } catch (error) {
    return [broken('projections', error)]
  }
}

function broken(name: string, error: unknown, where?: string): Finding {
  const { message, hint } = error as Error & { hint?: string }
  const [sentence = ''] = message.split('\n')
  const detail = [where, sentence, hint].filter(Boolean).join(' ')
  return { state: 'broken', name, detail }
}
