import type { Listening, Nova } from '../compose/compose.ts'
import type { Config } from '../config.ts'
import { type CliCall, type CliCommand, UsageError } from './command.ts'
import { composeUnlessStopped } from './setup/compose-unless-stopped.ts'
import { untilStopped } from './setup/until-stopped.ts'
import { dataFolderLines } from './terminal/data-folder-lines.ts'
import { numberOption } from './terminal/number-option.ts'
import type { Terminal } from './terminal/terminal.ts'

const roles = ['all', 'web', 'worker'] as const

/** The server: MCP, pages, REST and workers, until it is asked to stop. */
export const serve: CliCommand = {
  name: 'serve',
  usage: '[--role all|web|worker] [--host HOST] [--port PORT]',
  summary: 'Run the server: MCP, web pages, REST and workers',
  details: [
    'Without DATABASE_URL it starts a PostgreSQL of its own under NOVA_DATA_DIR. It migrates the database',
    'before it takes a request. Ctrl-C or SIGTERM lets work in hand end and stops.',
  ],
  positionals: { min: 0, max: 0 },
  options: {
    role: {
      type: 'string',
      value: 'ROLE',
      help: 'web answers requests, worker does slow work, all (default) both',
    },
    host: { type: 'string', value: 'HOST', help: 'Address to listen on, instead of SERVER_HOST' },
    port: {
      type: 'string',
      short: 'p',
      value: 'PORT',
      help: 'Port to listen on, instead of SERVER_PORT; 0 picks one',
    },
  },
  async run(call) {
    const role = roleOf(call)
    const config = withAddress(call.settings(), call)
    const nova = await composeUnlessStopped(config, call.stopping, role)
    try {
      const { folder, note } = dataFolderLines(nova, config)
      const notes = note ? [...nova.problems, note] : nova.problems
      for (const problem of notes) call.terminal.complain(`Note: ${problem}`)
      if (role === 'worker')
        call.terminal.print(`Nova works for ${nova.database.describe}. Ctrl-C stops it.`)
      else printWelcome(call.terminal, await nova.listen(), { nova, folder })
      await untilStopped(call.stopping)
      call.terminal.print('Stopping: work in hand is ended first.')
    } finally {
      await nova.close()
    }
    return 0
  },
}

function roleOf(call: CliCall) {
  const asked = call.option('role') ?? 'all'
  const role = roles.find((known) => known === asked)
  if (role) return role
  throw new UsageError(`--role takes ${roles.join(', ')}, not "${asked}".`)
}

function withAddress(config: Config, call: CliCall): Config {
  const port = numberOption(call, 'port', { min: 0, max: 65_535 })
  return {
    ...config,
    SERVER_HOST: call.option('host') ?? config.SERVER_HOST,
    ...(port === undefined ? {} : { PORT: port }),
  }
}

/** Clients whose lines are printed; the others are named, and their lines are on the start page. */
const printedMax = 4

function printWelcome(
  terminal: Terminal,
  { url, mcpUrl, connect }: Listening,
  { nova, folder }: { nova: Nova; folder: string | undefined },
): void {
  const lines = [
    `${terminal.paint('bold', 'Nova is ready.')}  ${terminal.paint('dim', nova.database.describe)}`,
    '',
    `  Start here   ${terminal.paint('cyan', url)}`,
    `  MCP          ${terminal.paint('cyan', mcpUrl)}`,
    ...(folder === undefined ? [] : [`  Data         ${folder}`]),
    '',
    'Add it to your AI client:',
    ...connect
      .slice(0, printedMax)
      .flatMap(({ client, where, lines: text }) => [
        `  ${client}, ${where.charAt(0).toLowerCase()}${where.slice(1)}`,
        ...text.split('\n').map((line) => `    ${line}`),
      ]),
    `  Others: ${connect
      .slice(printedMax)
      .map(({ client }) => client)
      .join(', ')}; at ${url}`,
    '',
    terminal.paint('dim', 'Ctrl-C stops it.'),
  ]
  for (const line of lines) terminal.print(line)
}
