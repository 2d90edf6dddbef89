import type { AuthSettings } from '../auth/auth-settings.ts'

/** How one client is told of this server. */
export interface ConnectionLine {
  client: string
  /** Where the lines go. */
  where: string
  lines: string
  /** An address that adds the server at one click, where the client has such addresses and needs no token. */
  oneClick?: string
}

const json = (value: unknown) => JSON.stringify(value, null, 2)
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')

/**
 * The exact lines that add this server to the clients people use, the most used first. No secret is ever among them.
 * The forms are those of the clients' own documentation in November 2026; docs/clients.md is made from them.
 */
export function connectionLines(mcpUrl: string, mode: AuthSettings['mode']): ConnectionLine[] {
  const withToken = mode === 'token'
  const bearer = 'Authorization: Bearer YOUR_ACCESS_TOKEN'
  const headers = withToken ? { headers: { Authorization: 'Bearer YOUR_ACCESS_TOKEN' } } : {}
  const withHeader = withToken ? ` --header "${bearer}"` : ''
  const remote = { url: mcpUrl, ...headers }
  const vsCode = { name: 'nova', type: 'http', url: mcpUrl }
  const config = encodeURIComponent(base64({ url: mcpUrl }))
  const oneClick = (address: string) => (withToken ? {} : { oneClick: address })
  return [
    {
      client: 'Claude Code',
      where: 'In a terminal',
      lines: `claude mcp add --transport http nova ${mcpUrl}${withHeader}`,
    },
    {
      client: 'Cursor',
      where: 'In ~/.cursor/mcp.json',
      lines: json({ mcpServers: { nova: remote } }),
      ...oneClick(`cursor://anysphere.cursor-deeplink/mcp/install?name=nova&config=${config}`),
    },
    {
      client: 'VS Code',
      where: 'In .vscode/mcp.json',
      lines: json({ servers: { nova: { type: 'http', ...remote } } }),
      ...oneClick(`vscode:mcp/install?${encodeURIComponent(JSON.stringify(vsCode))}`),
    },
    ...(withToken
      ? []
      : [
          {
            client: 'VS Code, by command',
            where: 'In a terminal',
            lines: `code --add-mcp '${JSON.stringify(vsCode)}'`,
          },
        ]),
    {
      client: 'Gemini CLI',
      where: 'In a terminal',
      lines: `gemini mcp add --transport http nova ${mcpUrl}${withHeader}`,
    },
    {
      client: 'Codex',
      where: 'In ~/.codex/config.toml',
      lines: [
        '[mcp_servers.nova]',
        `url = "${mcpUrl}"`,
        // It takes a token by the name of a variable only.
        ...(withToken ? ['bearer_token_env_var = "NOVA_ACCESS_TOKEN"'] : []),
      ].join('\n'),
    },
    {
      client: 'LM Studio',
      where: 'In mcp.json, under Program, Install, Edit mcp.json',
      lines: json({ mcpServers: { nova: remote } }),
      ...oneClick(`lmstudio://add_mcp?name=nova&config=${config}`),
    },
    {
      client: 'Zed',
      where: 'In settings.json',
      lines: json({ context_servers: { nova: remote } }),
    },
    {
      client: 'Windsurf',
      where: 'In ~/.codeium/windsurf/mcp_config.json',
      lines: json({ mcpServers: { nova: { serverUrl: mcpUrl, ...headers } } }),
    },
    {
      client: 'Claude and ChatGPT, in the browser or as an app',
      where:
        'In Settings, Connectors, as a custom connector; the address has to be public, with https',
      lines: mcpUrl,
    },
  ]
}
