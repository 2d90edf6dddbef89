import type { Stores } from '../../compose/compose-stores.ts'
import type { Config } from '../../config.ts'
import type { Database } from '../../store/database/database.ts'

/** What an administrator's command needs, without a server. */
export interface Store extends AsyncDisposable {
  database: Database
  deps: Stores
  /** Brings a read model up to now: a server may not be running. */
  project: (name: string) => Promise<void>
}

/** Opens and migrates the database that the settings name. Throws Refusal. */
export async function openStore(config: Config): Promise<Store> {
  const [{ openDatabase }, { migrate }, { composeStores }, registry, steps] = await Promise.all([
    import('../../store/database/database.ts'),
    import('../../store/database/migrate.ts'),
    import('../../compose/compose-stores.ts'),
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
    deps: composeStores(database),
    async project(name) {
      const projection = registry.projections.find((known) => known.name === name)
      if (projection) await steps.drainProjection(database.projector, projection)
    },
    [Symbol.asyncDispose]: () => database.close(),
  }
}
