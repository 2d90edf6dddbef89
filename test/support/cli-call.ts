import { stripVTControlCharacters } from 'node:util'
import type { CliCall } from '../../src/cli/command.ts'
import { settingsFrom } from '../../src/cli/setup/load-settings.ts'
import type { Terminal } from '../../src/cli/terminal/terminal.ts'

/** A terminal that remembers: `out` is what a person sees as the result, `err` the complaints. */
export function rememberingTerminal(): Terminal & { out: () => string; err: () => string } {
  const out: string[] = []
  const err: string[] = []
  return {
    print: (line = '') => void out.push(line),
    complain: (line) => void err.push(line),
    status: () => {},
    paint: (_color, text) => text,
    ask: null,
    out: () => stripVTControlCharacters(out.join('\n')),
    err: () => stripVTControlCharacters(err.join('\n')),
  }
}

/** One run of a subcommand with exactly these settings. */
export function cliCall(
  terminal: Terminal,
  settings: Record<string, string>,
  {
    positionals = [],
    options = {},
  }: { positionals?: string[]; options?: Record<string, string | boolean | string[]> } = {},
): CliCall {
  return {
    positionals,
    option: (name) => (typeof options[name] === 'string' ? options[name] : undefined),
    options: (name) => (Array.isArray(options[name]) ? options[name] : []),
    flag: (name) => options[name] === true,
    terminal,
    settings: () => settingsFrom(settings),
    stopping: new AbortController().signal,
  }
}
