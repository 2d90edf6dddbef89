import type { CliCommand } from './command.ts'

/** Brings the database up to date and says what was done. */
export const migrate: CliCommand = {
  name: 'migrate',
  usage: '[--dry-run]',
  summary: 'Bring the database up to date',
  details: [
    'The server does the same before it takes a request; this is for deployments that do it first.',
  ],
  positionals: { min: 0, max: 0 },
  options: { 'dry-run': { type: 'boolean', help: 'Only say which migrations are pending' } },
  async run({ settings, flag, terminal }) {
    const { openDatabase } = await import('../store/database.ts')
    const store = await import('../store/migrate.ts')
    const database = await openDatabase(settings())
    try {
      terminal.print(database.describe)
      const names = flag('dry-run')
        ? await store.pendingMigrations(database)
        : (await store.migrate(database)).applied
      const state = flag('dry-run') ? 'pending' : 'applied'
      for (const name of names) terminal.print(`  ${state}  ${name}`)
      terminal.print(names.length ? `${names.length} ${state}.` : 'Up to date.')
    } finally {
      await database.close()
    }
    return 0
  },
}
