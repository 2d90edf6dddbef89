import { parseArgs } from 'node:util'
import packageJson from '../../package.json' with { type: 'json' }
import { Refusal } from '../errors.ts'
import { translateDatabaseError } from '../store/database/database-error.ts'
import { systemProblem } from '../store/database/system-problem.ts'
import { type CliCall, type CliCommand, type CliOption, Stopped, UsageError } from './command.ts'
import { commands } from './commands.ts'
import { loadSettings } from './setup/load-settings.ts'
import { commandHelp, generalHelp } from './terminal/help.ts'
import type { Terminal } from './terminal/terminal.ts'

interface CliDeps {
  terminal: Terminal
  stopping: AbortSignal
}

/** Runs one command line and gives its exit code: 0 done, 1 refused, 2 not understood, 130 stopped. */
export async function runCli(argv: readonly string[], deps: CliDeps): Promise<number> {
  try {
    return await dispatch(argv, deps)
  } catch (error) {
    return complain(systemRefusal(error), deps.terminal, argv[0])
  }
}

async function dispatch(argv: readonly string[], { terminal, stopping }: CliDeps): Promise<number> {
  const [name = 'help', ...rest] = argv
  if (['help', '--help', '-h'].includes(name)) {
    const asked = rest.find((word) => !word.startsWith('-'))
    terminal.print(asked === undefined ? generalHelp(commands) : commandHelp(commandNamed(asked)))
    return 0
  }
  if (['version', '--version', '-v'].includes(name)) {
    terminal.print(`nova ${packageJson.version} (Node ${process.versions.node})`)
    return 0
  }
  const command = commandNamed(name)
  const { values, positionals } = parse(command, rest)
  if (values.help) {
    terminal.print(commandHelp(command))
    return 0
  }
  const { min, max } = command.positionals
  if (positionals.length < min || positionals.length > max) {
    throw new UsageError(
      `nova ${name} was given ${positionals.length < min ? 'too few' : 'too many'} arguments.`,
      `Usage: nova ${name} ${command.usage}`,
    )
  }
  const call: CliCall = {
    positionals,
    option: (key) => (typeof values[key] === 'string' ? values[key] : undefined),
    options: (key) => (Array.isArray(values[key]) ? values[key] : []),
    flag: (key) => values[key] === true,
    terminal,
    settings: loadSettings,
    stopping,
  }
  return command.run(call)
}

function commandNamed(name: string): CliCommand {
  const found = commands.find((command) => command.name === name)
  if (found) return found
  const names = [...commands.map((command) => command.name), 'help', 'version']
  throw new UsageError(`There is no command "${name}".`, `There are: ${names.join(', ')}.`)
}

interface Parsed {
  values: Record<string, string | boolean | string[] | undefined>
  positionals: string[]
}

function parse(command: CliCommand, args: string[]): Parsed {
  const options: Record<string, Pick<CliOption, 'type' | 'short' | 'multiple'>> = {
    help: { type: 'boolean', short: 'h' },
  }
  for (const [key, { type, short, multiple }] of Object.entries(command.options)) {
    options[key] = { type, ...(short && { short }), ...(multiple && { multiple }) }
  }
  try {
    const { values, positionals } = parseArgs({
      args,
      options,
      allowPositionals: true,
      strict: true,
    })
    return { values: values as Parsed['values'], positionals }
  } catch (error) {
    const [sentence = ''] = (error as Error).message.split(/\.\s/)
    throw new UsageError(
      `${sentence.replace(/\.$/, '')}.`,
      `Usage: nova ${command.name} ${command.usage}`,
    )
  }
}

/** A refusal is one sentence, its code and a hint; only a bug shows where it happened. */
function complain(error: unknown, terminal: Terminal, command = ''): number {
  if (error instanceof Stopped) {
    terminal.complain(error.message)
    if (error.hint) terminal.complain(`  ${error.hint}`)
    return 130
  }
  if (error instanceof UsageError || error instanceof Refusal) {
    const code = error instanceof Refusal ? ` ${terminal.paint('dim', `[${error.code}]`)}` : ''
    terminal.complain(`${terminal.paint('red', 'nova:')} ${error.message}${code}`)
    terminal.complain(`  ${error.hint ?? `See \`nova help ${command}\`.`}`)
    return error instanceof UsageError ? 2 : 1
  }
  terminal.complain(`${terminal.paint('red', 'nova:')} this is a bug in Nova; please report it.`)
  terminal.complain(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return 1
}

/** The refusal that a failure of the database or the machine means for a command, or the error as it came. */
function systemRefusal(error: unknown): unknown {
  const known = translateDatabaseError(error)
  const problem = systemProblem(known)
  if (!problem) return known
  const { path, syscall = '' } = known as NodeJS.ErrnoException
  return new Refusal('SYSTEM_REFUSED', { what: path ?? syscall, problem }, { cause: error })
}
