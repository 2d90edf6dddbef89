import type { AuthSettings } from '../auth/auth-settings.ts'

export interface ConnectionLine {
  client: string
  /** Where the lines go. */
  where: string
  lines: string
}

/** The exact lines that add this server to the clients people use. No secret is ever among them. */
export function connectionLines(mcpUrl: string, mode: AuthSettings['mode']): ConnectionLine[] {
  const withToken = mode === 'token'
  const headers = withToken ? { headers: { Authorization: 'Bearer YOUR_ACCESS_TOKEN' } } : {}
  const json = (value: unknown) => JSON.stringify(value, null, 2)
  return [
    {
      client: 'Claude Code',
      where: 'In a terminal',
      lines: `claude mcp add --transport http nova ${mcpUrl}${
        withToken ? ' --header "Authorization: Bearer YOUR_ACCESS_TOKEN"' : ''
      }`,
    },
    {
      client: 'Cursor',
      where: 'In ~/.cursor/mcp.json',
      lines: json({ mcpServers: { nova: { url: mcpUrl, ...headers } } }),
    },
    {
      client: 'VS Code',
      where: 'In .vscode/mcp.json',
      lines: json({ servers: { nova: { type: 'http', url: mcpUrl, ...headers } } }),
    },
    ...(withToken
      ? []
      : [
          {
            client: 'VS Code, by command',
            where: 'In a terminal',
            lines: `code --add-mcp '${JSON.stringify({ name: 'nova', type: 'http', url: mcpUrl })}'`,
          },
        ]),
  ]
}
