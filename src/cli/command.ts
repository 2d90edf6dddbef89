import type { Config } from '../config.ts'
import type { Terminal } from './terminal/terminal.ts'

export interface CliOption {
  type: 'string' | 'boolean'
  short?: string
  /** May be given more than once. */
  multiple?: true
  /** What stands for the value in the help. */
  value?: string
  help: string
}

/** A subcommand: what it takes, what its help says, what it does. */
export interface CliCommand {
  name: string
  /** What follows the name, as the help shows it. */
  usage: string
  summary: string
  /** Further lines of its own help. */
  details?: readonly string[]
  /** How many plain arguments it takes. */
  positionals: { min: number; max: number }
  options: Readonly<Record<string, CliOption>>
  /** Resolves with the exit code. Throws Refusal, UsageError or Stopped. */
  run: (call: CliCall) => Promise<number>
}

/** One run of a subcommand. */
export interface CliCall {
  positionals: readonly string[]
  option: (name: string) => string | undefined
  /** Each value of an option that may be given more than once. */
  options: (name: string) => readonly string[]
  flag: (name: string) => boolean
  terminal: Terminal
  /** Reads `.env` and the environment. Throws CONFIG_INVALID. */
  settings: () => Config
  /** Aborted by SIGINT or SIGTERM. */
  stopping: AbortSignal
}

/** The command line itself is wrong; exit code 2. */
export class UsageError extends Error {
  /** None: the help of the command says how. */
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.name = 'UsageError'
    this.hint = hint
  }
}

/** The user ended a command that had not finished; exit code 130. `hint` says how to go on. */
export class Stopped extends Error {
  readonly hint: string | undefined

  constructor(hint?: string) {
    super('Stopped.')
    this.name = 'Stopped'
    this.hint = hint
  }
}
