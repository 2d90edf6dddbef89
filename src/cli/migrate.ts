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
    const store = await import('../store/database/migrate.ts')
    const database = await openDatabase(settings())
    try {
      terminal.print(database.describe)
      const { applied, installed } = flag('dry-run')
        ? await store.pendingWork(database)
        : await store.migrate(database)
      const state = flag('dry-run') ? 'pending' : 'done'
      const lines = [...applied, ...(installed ? ['functions, views and rights'] : [])]
      for (const line of lines) terminal.print(`  ${state}  ${line}`)
      if (lines.length === 0) terminal.print('Up to date.')
    } finally {
      await database.close()
    }
    return 0
  },
}
