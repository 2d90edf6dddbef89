import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import type { Identity } from '../../src/commands/people/identity.ts'
import { compose, type Role } from '../../src/compose/compose.ts'
import { parseConfig } from '../../src/config.ts'
import type { Scope } from '../../src/events/people/token-events.ts'
import { createMcpEndpoint } from '../../src/mcp/protocol/server.ts'
import type { Offer } from '../../src/toolsets.ts'
import { freshDatabase } from './database.ts'
import { type ClientKind, type Connected, connectClient } from './mcp-clients.ts'
import { type Hit, startSearchServer } from './search-server.ts'
import { type Route, startSite } from './site.ts'

export interface McpWorldOptions {
  /** Pages of `http://pages.example`. */
  routes?: Record<string, Route>
  hits?: Hit[]
  /** MONTHLY_TOOL_CALL_LIMIT */
  limit?: number
  environment?: Record<string, string>
  /** `web`: no worker lives. */
  role?: Role
  /** Another world's, whose server this one runs besides or after; its own when left out. */
  databaseUrl?: string
}

/**
 * A whole Nova on a database of its own, its MCP endpoint on loopback, and a small web that it may read.
 * The front takes the caller from headers, so that a test can be several users.
 */
export async function mcpWorld(options: McpWorldOptions = {}) {
  const closing = new AsyncDisposableStack()
  const databaseUrl = options.databaseUrl ?? closing.use(await freshDatabase()).url
  const site = closing.use(await startSite(options.routes ?? {}))
  const search = closing.use(await startSearchServer(options.hits ?? []))
  const logged: Record<string, unknown>[] = []
  const parsed = parseConfig({
    DATABASE_URL: databaseUrl,
    SERVER_URL: 'http://127.0.0.1:8000',
    NOVA_LINK_SECRET: 'k'.repeat(32),
    NOVA_FETCH_ALLOW: `pages.example:80=127.0.0.1:${site.port}`,
    NOVA_SEARXNG_URL: `${search.origin}/searxng`,
    NOVA_SEARCH: 'searxng',
    MONTHLY_TOOL_CALL_LIMIT: String(options.limit ?? 0),
    ...options.environment,
  })
  if (!parsed.ok) throw new Error(parsed.problem)
  const log = pino({ level: 'warn' }, { write: (line) => void logged.push(JSON.parse(line)) })
  const nova = await compose(parsed.config, { log, ...(options.role && { role: options.role }) })
  closing.defer(() => nova.close())
  const front = closing.use(await startFront(createMcpEndpoint(nova.services), nova.services.offer))
  return {
    nova,
    site,
    search,
    logged,
    url: front.url,
    databaseUrl,
    connect: async (kind: ClientKind, user = 'ada', scopes?: Scope[]): Promise<Connected> =>
      closing.use(await connectClient(kind, front.url, headersFor(user, scopes))),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

export type McpWorld = Awaited<ReturnType<typeof mcpWorld>>

export const headersFor = (user: string, scopes: Scope[] = ['nova:read', 'nova:write']) => ({
  'x-user': user,
  'x-scopes': scopes.join(' '),
})

async function startFront(endpoint: ReturnType<typeof createMcpEndpoint>, offer: Offer) {
  const server = createServer((request, response) => {
    void readBody(request).then((body) =>
      endpoint(request, response, body, identityOf(request), offer),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return chunks.length ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : undefined
}

const identityOf = ({ headers }: IncomingMessage): Identity => ({
  userId: String(headers['x-user']),
  scopes: new Set(String(headers['x-scopes']).split(' ') as Scope[]),
})
