import type { CliCommand } from '../command.ts'

/** What `nova help` shows. */
export function generalHelp(commands: readonly CliCommand[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2
  const rows = [
    ...commands.map(({ name, summary }) => [name, summary] as const),
    ['help', 'This text, or the help of one command'] as const,
    ['version', 'The versions of Nova and of Node'] as const,
  ]
  return `Nova turns an article guideline into research.md: it reads every source that the guideline names,
researches the web in rounds, keeps what is worth keeping, and compiles it. AI clients reach it over MCP.

Usage: nova COMMAND [OPTIONS]

Commands
${rows.map(([name, summary]) => `  ${name.padEnd(width)}${summary}`).join('\n')}

Begin with
  nova demo                          the whole workflow on a bundled example; needs no key and no network
  nova serve                         the server, and the lines that add it to your AI client
  nova research guideline.md         the workflow on your own guideline, from this terminal

Settings come from the environment and from .env; .env.example names all of them.
\`nova help COMMAND\` explains one command, \`nova doctor\` what is configured and what is missing.`
}

/** What `nova help COMMAND` shows. */
export function commandHelp(command: CliCommand): string {
  const options = Object.entries({
    ...command.options,
    help: { type: 'boolean', short: 'h', help: 'This text' } as const,
  }).map(([name, option]) => {
    const short = 'short' in option && option.short ? `-${option.short}, ` : '    '
    const value = 'value' in option && option.value ? ` ${option.value}` : ''
    return [`${short}--${name}${value}`, option.help] as const
  })
  const width = Math.max(...options.map(([left]) => left.length)) + 2
  return [
    `Usage: nova ${command.name} ${command.usage}`.trimEnd(),
    '',
    `${command.summary}.`,
    ...(command.details?.length ? ['', ...command.details] : []),
    '',
    'Options',
    ...options.map(([left, help]) => `  ${left.padEnd(width)}${help}`),
  ].join('\n')
}
