import type { CommandDeps } from '../../commands/handle.ts'
import type { Config } from '../../config.ts'

export interface OpenCommands extends AsyncDisposable {
  deps: CommandDeps
}

/** The store and the contents of the configured database, for a command that needs no server. Throws Refusal. */
export async function openCommands(config: Config): Promise<OpenCommands> {
  const [{ randomUUID }, { openDatabase }, contents, events, { StreamSignal }] = await Promise.all([
    import('node:crypto'),
    import('../../store/database/database.ts'),
    import('../../store/contents/contents.ts'),
    import('../../store/events/postgres-event-store.ts'),
    import('../../store/events/stream-signal.ts'),
  ])
  const database = await openDatabase(config)
  return {
    deps: {
      store: new events.PostgresEventStore(database, new StreamSignal()),
      contents: contents.createContents(database.app),
      now: () => new Date(),
      newId: randomUUID,
    },
    [Symbol.asyncDispose]: () => database.close(),
  }
}
