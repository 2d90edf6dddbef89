import type { CliCommand } from './command.ts'
import { composeUnlessStopped } from './setup/compose-unless-stopped.ts'
import { untilStopped } from './setup/until-stopped.ts'
import { dataFolderLines } from './terminal/data-folder-lines.ts'

/** MCP over stdin and stdout, for clients that start their servers themselves. */
export const mcp: CliCommand = {
  name: 'mcp',
  usage: '[--toolsets NAMES] [--read-only]',
  summary: 'Speak MCP over stdin and stdout, for local clients',
  details: [
    'A client starts it as a command, for example: claude mcp add nova -- npx nova mcp',
    'Upload and download links lead to a server: run `nova serve` beside it when you use them.',
  ],
  positionals: { min: 0, max: 0 },
  options: {
    toolsets: {
      type: 'string',
      value: 'NAMES',
      help: 'Offer these sets of tools only, comma separated',
    },
    'read-only': { type: 'boolean', help: 'Offer only tools that change nothing' },
  },
  async run({ settings, stopping, terminal, option, flag }) {
    const config = settings()
    const asked = { toolsets: option('toolsets'), readOnly: flag('read-only') }
    const nova = await composeUnlessStopped(config, stopping)
    try {
      // Standard output belongs to the protocol.
      const { folder, note } = dataFolderLines(nova, config)
      if (folder !== undefined) terminal.complain(`Data: ${folder}`)
      if (note !== undefined) terminal.complain(`Note: ${note}`)
      await Promise.race([nova.serveStdio(asked), untilStopped(stopping)])
    } finally {
      await nova.close()
    }
    return 0
  },
}
