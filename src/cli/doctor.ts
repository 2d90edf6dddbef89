import type { Config } from '../config.ts'
import type { CliCommand } from './command.ts'
import { type Finding, gains } from './doctor/gains.ts'
import { probeDatabase } from './doctor/probe-database.ts'
import { probeLive } from './doctor/probe-live.ts'
import { probeServer } from './doctor/probe-server.ts'
import type { Terminal } from './terminal/terminal.ts'

/** What is configured, reachable and migrated, and what each missing setting would add. */
export const doctor: CliCommand = {
  name: 'doctor',
  usage: '[--live] [--db]',
  summary: 'Say what is configured, reachable, migrated, and missing',
  details: [
    'Exit code 1 when something that is needed is broken. Shows no secret.',
    'With --live each configured service is asked once for real, paid ones too: which shape came back.',
    '--db examines the database server as well: connections, slow and frequent statements, dead rows,',
    'indexes, cache, replication, sequences. It reads statistics only.',
  ],
  positionals: { min: 0, max: 0 },
  options: {
    live: { type: 'boolean', help: 'Ask each configured service once, for real' },
    db: { type: 'boolean', help: 'Examine the database server as well' },
  },
  async run({ settings, terminal, flag, stopping }) {
    const config = settings()
    terminal.print(terminal.paint('bold', 'Runtime'))
    report(terminal, [
      { state: 'ok', name: 'Node', detail: process.versions.node },
      await probeServer(config),
    ])
    terminal.print(terminal.paint('bold', 'Database'))
    const database = await probeDatabase(config)
    report(terminal, database)
    const examined = flag('db') ? await examine(config) : []
    if (examined.length > 0) terminal.print(terminal.paint('bold', 'Database server'))
    report(terminal, examined)
    terminal.print(terminal.paint('bold', 'Research'))
    const research = await probeResearch(config)
    report(terminal, [...research, ...gains(config)])
    const live = flag('live') ? await probeServices(config, stopping) : []
    if (live.length > 0) {
      terminal.print(terminal.paint('bold', 'Services'))
      report(terminal, live)
    }
    const broken = [...database, ...examined, ...research, ...live].filter(
      ({ state }) => state === 'broken',
    )
    terminal.print(
      broken.length === 0
        ? terminal.paint('green', 'Nothing is broken.')
        : terminal.paint(
            'red',
            `${broken.length} broken: ${broken.map(({ name }) => name).join(', ')}.`,
          ),
    )
    return broken.length === 0 ? 0 : 1
  },
}

/** Nothing of a database that cannot be reached: that was said already. */
async function examine(config: Config): Promise<Finding[]> {
  const [{ openDatabase }, { examineDatabase }] = await Promise.all([
    import('../store/database/database.ts'),
    import('../store/database/examine-database.ts'),
  ])
  const database = await openDatabase(config).catch(() => undefined)
  if (!database) return []
  try {
    const answers = await database.owner.query('select 1').then(
      () => true,
      () => false,
    )
    return answers ? await examineDatabase(database.owner) : []
  } finally {
    await database.close()
  }
}

/** Builds the adapters without using them: what cannot be built is said, and no request is sent. */
async function probeResearch(config: Config): Promise<Finding[]> {
  const { composeOutside } = await import('../compose/compose-research.ts')
  const outside = composeOutside(config)
  try {
    return outside.problems.map((detail) => ({ state: 'broken', name: 'NOVA_SEARCH', detail }))
  } finally {
    await outside.close()
  }
}

async function probeServices(config: Config, stopping: AbortSignal): Promise<Finding[]> {
  const { composeOutside } = await import('../compose/compose-research.ts')
  const outside = composeOutside(config)
  try {
    return await probeLive(outside.live, stopping)
  } finally {
    await outside.close()
  }
}

function report(terminal: Terminal, findings: readonly Finding[]): void {
  const marks = {
    ok: terminal.paint('green', '✓'),
    missing: terminal.paint('dim', '·'),
    note: terminal.paint('yellow', '!'),
    broken: terminal.paint('red', '✗'),
  }
  for (const { state, name, detail } of findings) {
    terminal.print(`  ${marks[state]} ${name.padEnd(20)} ${detail}`)
  }
}
