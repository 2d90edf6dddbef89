import { existsSync } from 'node:fs'
import { type CliCall, UsageError } from '../command.ts'
import { linesOf, writeLines } from '../events/line-files.ts'

/**
 * Moves a database of before the first release to the present schema: its events and bodies go to a file, the old
 * schema goes, and the file is imported and verified. Called again after a crash it goes on from the file,
 * which stays. Throws Refusal EVENTS_ARCHIVED, DATABASE_NOT_EMPTY and those of export and import.
 */
export async function renew(call: CliCall, path: string | undefined): Promise<number> {
  if (path === undefined || path === '-') {
    throw new UsageError('nova migrate renew takes a file to keep the events in.')
  }
  const { terminal } = call
  const [{ openDatabase }, { isBeforeBaseline }, { migrate }, { exportEvents }, { importEvents }] =
    await Promise.all([
      import('../../store/database/database.ts'),
      import('../../store/database/before-baseline.ts'),
      import('../../store/database/migrate.ts'),
      import('../../store/archives/export-events.ts'),
      import('../../store/archives/import-events.ts'),
    ])
  const database = await openDatabase(call.settings(), { unhurried: true })
  try {
    terminal.print(database.describe)
    if (await isBeforeBaseline(database.owner)) {
      await writeLines(path, exportEvents(database, { contents: true, now: new Date() }))
      terminal.print(`Events and bodies are in ${path}.`)
      await database.owner.query(
        'drop schema nova, nova_meta cascade; drop schema if exists nova_research cascade',
      )
    } else if (!existsSync(path)) {
      terminal.print('Nothing to renew: the database has the present schema.')
      return 0
    }
    await migrate(database)
    const { events, contents } = await importEvents(database.owner, linesOf(path))
    terminal.print(`${events} events and ${contents} bodies imported and verified.`)
    terminal.print('Servers fold the projections when they start.')
    return 0
  } finally {
    await database.close()
  }
}
