import type { Config } from '../config.ts'
import type { CliCommand } from './command.ts'
import { type Finding, gains } from './doctor/gains.ts'
import { probeDatabase } from './doctor/probe-database.ts'
import { probeServer } from './doctor/probe-server.ts'
import type { Terminal } from './terminal/terminal.ts'

/** What is configured, reachable and migrated, and what each missing setting would add. */
export const doctor: CliCommand = {
  name: 'doctor',
  usage: '',
  summary: 'Say what is configured, reachable, migrated, and missing',
  details: ['Exit code 1 when something that is needed is broken. Shows no secret.'],
  positionals: { min: 0, max: 0 },
  options: {},
  async run({ settings, terminal }) {
    const config = settings()
    terminal.print(terminal.paint('bold', 'Runtime'))
    report(terminal, [
      { state: 'ok', name: 'Node', detail: process.versions.node },
      await probeServer(config),
    ])
    terminal.print(terminal.paint('bold', 'Database'))
    const database = await probeDatabase(config)
    report(terminal, database)
    terminal.print(terminal.paint('bold', 'Research'))
    const research = await probeResearch(config)
    report(terminal, [...research, ...gains(config)])
    const broken = [...database, ...research].filter(({ state }) => state === 'broken')
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
