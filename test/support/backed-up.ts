import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backup } from '../../src/cli/backup.ts'
import type { CliCommand } from '../../src/cli/command.ts'
import { restore } from '../../src/cli/restore.ts'
import { settingsFrom } from '../../src/cli/setup/load-settings.ts'
import { createArticle } from '../../src/commands/articles/create-article.ts'
import { composeStores } from '../../src/compose/compose-stores.ts'
import { type Database, openDatabase } from '../../src/store/database/database.ts'
import { migrate } from '../../src/store/database/migrate.ts'
import { cliCall, rememberingTerminal } from './cli-call.ts'
import { caller } from './command-world.ts'

/** What a command of the backups printed. */
export interface Ran {
  code: number
  out: string
  err: string
}

/** An embedded server of a test's own that archives its log into a folder of backups. */
export interface BackedUp extends AsyncDisposable {
  folder: string
  backups: string
  database: Database
  /** A new article of Ada's: two events and a body. */
  write(title: string): Promise<string>
  backup(action?: string, options?: Record<string, string>): Promise<Ran>
  restore(options: Record<string, string>): Promise<Ran>
  /** Any command, on this database or another. */
  run(
    command: CliCommand,
    words: string[],
    options?: Record<string, string | boolean>,
    settings?: Record<string, string>,
  ): Promise<Ran>
}

/** Starts the server on a folder that is removed when disposed of; `dataDir` names one that is there. */
export async function backedUp(given?: { dataDir: string; backups: string }): Promise<BackedUp> {
  const folder = mkdtempSync(join(tmpdir(), 'nova-backed-up-'))
  const backups = given?.backups ?? join(folder, 'backups')
  const environment = {
    NOVA_DATA_DIR: given?.dataDir ?? join(folder, 'data'),
    NOVA_BACKUP_DIR: backups,
  }
  mkdirSync(join(folder, 'work'))
  const database = await openDatabase(settingsFrom(environment))
  await migrate(database)
  const run: BackedUp['run'] = async (command, positionals, options = {}, settings = {}) => {
    const terminal = rememberingTerminal()
    const call = cliCall(terminal, { ...environment, ...settings }, { positionals, options })
    const code = await command.run(call)
    return { code, out: terminal.out(), err: terminal.err() }
  }
  const stores = composeStores(database)
  return {
    folder,
    backups,
    database,
    write: async (title) => {
      const guideline = Buffer.from(`# ${title}\n\nSee https://example.org/${title}`)
      return (await createArticle(stores, caller('ada'), { guideline })).articleId
    },
    backup: (action = 'create', options = {}) =>
      run(
        backup,
        [action],
        action === 'drill' ? { work: join(folder, 'work'), ...options } : options,
      ),
    run,
    restore: (options) => run(restore, [], options),
    async [Symbol.asyncDispose]() {
      await database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
