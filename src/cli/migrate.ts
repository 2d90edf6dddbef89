import type { Database } from '../store/database/database.ts'
import { type CliCall, type CliCommand, UsageError } from './command.ts'

type Action = (call: CliCall, argument: string | undefined) => Promise<number>

const actions: Readonly<Record<string, Action>> = {
  up,
  status,
  down,
  create: async (call, name) => (await import('./migrate/create.ts')).create(call, name),
  stamp,
  sql,
  check,
  renew: async (call, path) => (await import('./migrate/renew.ts')).renew(call, path),
}

/** Brings the database up to date, takes migrations back, and says what is what. */
export const migrate: CliCommand = {
  name: 'migrate',
  usage: '[up] | status | down [COUNT] | create NAME | stamp | sql [AFTER] | check | renew FILE',
  summary: 'Bring the database up to date, or look at how it is',
  details: [
    'up      applies what is pending; a server does the same before it takes a request',
    'status  every migration, applied or pending; exit code 1 when some are pending',
    'down    takes the newest migrations back, with the data of their tables: needs --yes',
    'create  writes an empty migration into the folder `migrations`',
    'stamp   records all migrations as applied, for a database whose tables came from a dump',
    'sql     prints what would run in an empty database, or after the migration AFTER; asks no database',
    'check   compares the live schema with what this Nova makes; exit code 1 when they differ',
    'renew   moves a database of before the first release: its events to FILE, and from there back',
  ],
  positionals: { min: 0, max: 2 },
  options: {
    'dry-run': { type: 'boolean', help: 'Only say what is pending (up)' },
    yes: { type: 'boolean', help: 'The data may go (down)' },
  },
  run(call) {
    const [name = 'up', argument] = call.positionals
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined
    if (!action) throw new UsageError(`nova migrate does not know "${name}".`)
    return action(call, argument)
  },
}

async function up(call: CliCall): Promise<number> {
  const { terminal, flag } = call
  const store = await import('../store/database/migrate.ts')
  return withDatabase(call, async (database) => {
    terminal.print(database.describe)
    const { applied, installed } = flag('dry-run')
      ? await store.pendingWork(database)
      : await store.migrate(database)
    const state = flag('dry-run') ? 'pending' : 'done'
    const lines = [...applied, ...(installed ? ['functions, views and rights'] : [])]
    for (const line of lines) terminal.print(`  ${state}  ${line}`)
    if (lines.length === 0) terminal.print('Up to date.')
    return 0
  })
}

async function status(call: CliCall): Promise<number> {
  const { migrationStatus, pendingWork } = await import('../store/database/migrate.ts')
  return withDatabase(call, async (database) => {
    call.terminal.print(database.describe)
    const rows = await migrationStatus(database)
    for (const { name, state } of rows) call.terminal.print(`  ${state.padEnd(8)} ${name}`)
    if (rows.some(({ state }) => state === 'edited')) return 1
    const { applied, installed } = await pendingWork(database)
    call.terminal.print(`  ${installed ? 'pending ' : 'applied '} functions, views and rights`)
    return applied.length > 0 || installed ? 1 : 0
  })
}

async function down(call: CliCall, argument = '1'): Promise<number> {
  const count = Number(argument)
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new UsageError(`nova migrate down takes a number of migrations, not "${argument}".`)
  }
  if (!call.flag('yes')) {
    throw new UsageError(
      'nova migrate down deletes what the tables of these migrations hold.',
      'Make a backup, then add --yes.',
    )
  }
  const { migrateDown } = await import('../store/database/migrate.ts')
  return withDatabase(call, async (database) => {
    call.terminal.print(database.describe)
    const names = await migrateDown(database, count)
    for (const name of names) call.terminal.print(`  taken back  ${name}`)
    if (names.length === 0) call.terminal.print('No migration is applied.')
    return 0
  })
}

async function stamp(call: CliCall): Promise<number> {
  const { stampMigrations } = await import('../store/database/migrate.ts')
  return withDatabase(call, async (database) => {
    call.terminal.print(database.describe)
    const { applied } = await stampMigrations(database)
    for (const name of applied) call.terminal.print(`  stamped  ${name}`)
    call.terminal.print(
      'Run `nova migrate check` to see whether the tables are as these make them.',
    )
    return 0
  })
}

async function sql({ terminal }: CliCall, after: string | undefined): Promise<number> {
  const [{ migrationScript }, files, { readSqlTree }] = await Promise.all([
    import('../store/database/migration-script.ts'),
    import('../store/database/migration-files.ts'),
    import('../store/database/sql-tree.ts'),
  ])
  const known = await files.readMigrations(files.migrationsFolder)
  if (after !== undefined && !known.some(({ name }) => name === after)) {
    const names = known.map(({ name }) => name).join(', ')
    throw new UsageError(`There is no migration "${after}".`, `There are: ${names}.`)
  }
  terminal.print(migrationScript(known, await readSqlTree(), after))
  return 0
}

async function check(call: CliCall): Promise<number> {
  const { checkDrift } = await import('../store/database/check-drift.ts')
  return withDatabase(call, async (database) => {
    call.terminal.print(database.describe)
    const { missing, unexpected } = await checkDrift(database.owner)
    for (const line of missing) call.terminal.print(`- ${line}`)
    for (const line of unexpected) call.terminal.print(`+ ${line}`)
    const differ = missing.length + unexpected.length
    call.terminal.print(
      differ === 0
        ? 'The database is as this Nova makes it.'
        : `${missing.length} missing (-), ${unexpected.length} unexpected (+).`,
    )
    return differ === 0 ? 0 : 1
  })
}

async function withDatabase(
  call: CliCall,
  work: (database: Database) => Promise<number>,
): Promise<number> {
  const { openDatabase } = await import('../store/database/database.ts')
  const database = await openDatabase(call.settings(), { unhurried: true })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}
