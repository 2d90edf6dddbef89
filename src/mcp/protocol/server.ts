import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { toNodeHandler } from '@modelcontextprotocol/node'
import {
  type AuthInfo,
  createMcpHandler,
  type McpRequestContext,
  McpServer,
} from '@modelcontextprotocol/server'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import { z } from 'zod'
import packageJson from '../../../package.json' with { type: 'json' }
import type { Caller } from '../../commands/handle.ts'
import { type Identity, localIdentity } from '../../commands/people/identity.ts'
import { storableText } from '../../events/storable.ts'
import { requestBytesMax } from '../../sources/files/json-bounds.ts'
import type { Offer } from '../../toolsets.ts'
import { instructions } from '../prompts/full-research-prompt.ts'
import { articleTasks } from '../runs/article-tasks.ts'
import { boundedLines } from './bounded-lines.ts'
import { type Asked, registerAll } from './register.ts'
import { registerTasks } from './register-tasks.ts'
import type { TaskSource } from './task.ts'
import type { McpDeps } from './tool-context.ts'
import { requestWithoutNulls } from './without-nulls.ts'

/** More that every server has; the conformance test brings its fixtures through it. */
export interface McpFixtures {
  mount(server: McpServer): void
  readonly tasks: TaskSource
}

export type McpServerDeps = McpDeps & { readonly fixtures?: McpFixtures }

/** Answers one MCP request on the raw response, as the identity that http has verified, out of what it was offered. */
export type McpEndpoint = (
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
  identity: Identity,
  offer: Offer,
) => Promise<void>

/**
 * One stateless handler for clients of every protocol revision. Each request gets a server object of its
 * own, so nothing of one caller can reach another and a restart or a second process goes unnoticed.
 */
export function createMcpEndpoint(deps: McpServerDeps): McpEndpoint {
  const report = (error: Error) => deps.log.warn({ err: error }, 'mcp')
  const handler = createMcpHandler(
    ({ authInfo, era }) => createServer(deps, authInfo?.extra?.asked as Asked, era),
    { legacy: 'stateless', onerror: report },
  )
  const answer = toNodeHandler(handler, { onerror: report })
  return (request, response, sent, identity, offer) => {
    const body = requestWithoutNulls(sent)
    return answer(
      withAuth(request, authOf(deps, { identity, offer, ...askedIn(body) })),
      response,
      body,
    )
  }
}

const message = z.object({
  method: z.string().optional(),
  params: z.object({ name: z.string(), uri: z.string() }).partial(),
})

function askedIn(body: unknown): Pick<Asked, 'named' | 'callsOnly'> {
  const messages = [body].flat().map((one) => message.safeParse(one).data)
  const names = messages.flatMap((one) => (one ? [one.params.name, one.params.uri] : []))
  return {
    named: new Set(names.filter((name) => name !== undefined)),
    callsOnly: messages.every((one) => one?.method === 'tools/call'),
  }
}

/** Speaks MCP over stdin and stdout as the local user, until the client closes them or the server stops. */
export async function serveMcpStdio(deps: McpServerDeps, offer: Offer): Promise<void> {
  const lines = boundedLines(requestBytesMax, (line) => void process.stdout.write(line))
  // However the input ends, its lines end too.
  pipeline(process.stdin, lines, () => {})
  const closed = new Promise<void>((resolve) => {
    lines.once('end', resolve)
    lines.once('close', resolve)
    deps.stopping.addEventListener('abort', () => resolve(), { once: true })
  })
  const served = serveStdio(
    ({ era }) =>
      createServer(
        deps,
        { identity: localIdentity, offer, named: new Set(), callsOnly: false },
        era,
      ),
    {
      transport: new StdioServerTransport(lines),
      onerror: (error) => deps.log.warn({ err: error }, 'mcp'),
    },
  )
  await closed
  await served.close()
}

/** A listing never changes while the process lives, so clients may keep it for an hour. */
const listed = { ttlMs: 3_600_000, cacheScope: 'private' } as const

function createServer(deps: McpServerDeps, asked: Asked, era: McpRequestContext['era']): McpServer {
  const server = new McpServer(
    { name: 'nova', title: 'Nova research', version: packageJson.version },
    {
      instructions,
      capabilities: {
        tools: { listChanged: false },
        resources: { listChanged: false },
        prompts: { listChanged: false },
        completions: {},
      },
      cacheHints: {
        'tools/list': listed,
        'prompts/list': listed,
        'resources/list': listed,
        'resources/templates/list': listed,
        'server/discover': listed,
      },
    },
  )
  registerAll(server, deps, asked)
  if (era === 'modern') {
    const { identity } = asked
    const caller = callerOf(deps, identity)
    const fixtures = deps.fixtures ? [deps.fixtures.tasks] : []
    registerTasks(server, deps, identity, [...fixtures, articleTasks(deps, caller)])
  }
  deps.fixtures?.mount(server)
  return server
}

const callerOf = (deps: McpDeps, { userId, client, tokenId }: Identity): Caller => ({
  userId,
  metadata: {
    actor: 'agent',
    correlation_id: deps.newId(),
    ...(client && { client: storableText(client) }),
    ...(tokenId && { token_id: tokenId }),
  },
})

/** The shape that the SDK's handler takes; Node's own type differs from it in `undefined` only. */
const withAuth = (request: IncomingMessage, auth: AuthInfo) =>
  Object.assign(request, { auth }) as unknown as Parameters<ReturnType<typeof toNodeHandler>>[0]

/** The SDK's form of an identity. The token itself stays in http; scopes make the step-up challenges. */
function authOf(deps: McpDeps, asked: Asked): AuthInfo {
  const { identity } = asked
  const serverUrl = deps.links.serverUrl()
  return {
    token: '',
    clientId: identity.client ?? '',
    scopes: [...identity.scopes],
    extra: { asked },
    ...(URL.canParse(serverUrl) ? { resource: new URL(`${serverUrl}/mcp`) } : {}),
  }
}
