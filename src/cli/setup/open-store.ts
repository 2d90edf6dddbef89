import type { CommandDeps } from '../../commands/handle.ts'
import type { Config } from '../../config.ts'
import type { Database } from '../../store/database/database.ts'
import type { TenantReader } from '../../store/database/tenant.ts'
import type { ApiTokens } from '../../store/people/api-tokens.ts'

/** What an administrator's command needs, without a server. */
export interface Store {
  database: Database
  deps: Pick<CommandDeps, 'store' | 'now'>
  reader: TenantReader
  apiTokens: ApiTokens
  /** Brings a read model up to now: a server may not be running. */
  project: (name: string) => Promise<void>
  close: () => Promise<void>
}

/** Opens and migrates the database that the settings name. Throws Refusal. */
export async function openStore(config: Config): Promise<Store> {
  const [{ openDatabase }, { migrate }, events, signals, tenant, tokens, registry, steps] =
    await Promise.all([
      import('../../store/database/database.ts'),
      import('../../store/database/migrate.ts'),
      import('../../store/events/postgres-event-store.ts'),
      import('../../store/events/stream-signal.ts'),
      import('../../store/database/tenant.ts'),
      import('../../store/people/api-tokens.ts'),
      import('../../projections/registry.ts'),
      import('../../store/projections/projection-step.ts'),
    ])
  const database = await openDatabase(config, { unhurried: true })
  try {
    await migrate(database)
    // Before anything is written: an event without a partition of its month keeps that from being made.
    await database.owner.query('select nova.ensure_event_partitions(2)')
  } catch (error) {
    await database.close()
    throw error
  }
  return {
    database,
    deps: {
      store: new events.PostgresEventStore(database, new signals.StreamSignal()),
      now: () => new Date(),
    },
    reader: tenant.createTenantReader(database.app),
    apiTokens: tokens.createApiTokens(database.app),
    async project(name) {
      const projection = registry.projections.find((known) => known.name === name)
      if (projection) await steps.drainProjection(database.projector, projection)
    },
    close: () => database.close(),
  }
}
