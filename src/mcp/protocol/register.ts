import {
  CLIENT_INFO_META_KEY,
  type McpServer,
  PROTOCOL_VERSION_META_KEY,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
  requireScopes,
  type ServerContext,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Identity } from '../../commands/people/identity.ts'
import { Refusal, refusalBody } from '../../errors.ts'
import type { Scope } from '../../events/people/token-events.ts'
import type { Offer } from '../../toolsets.ts'
import { visibleLine, visibleValue } from '../../visible-text.ts'
import { fullResearchPrompt } from '../prompts/full-research-prompt.ts'
import { completeArticleId, type Resource, resources } from '../resources/resources.ts'
import { toolsOf } from '../tools/tools.ts'
import { callTool } from './call-tool.ts'
import { abilitiesOf } from './client-abilities.ts'
import type { JsonSchema, Tool } from './define-tool.ts'
import type { McpDeps } from './tool-context.ts'

/** Who is asking, and for which tools and resources by name. */
export interface Asked {
  identity: Identity
  named: ReadonlySet<string>
  offer: Offer
  /** Whether the request does nothing but call tools. */
  callsOnly: boolean
}

/**
 * Puts everything Nova offers onto one server object of the SDK, acting as one caller. What is for
 * administrators is there for them, and for a caller who `named` it: that one gets the challenge for its scope,
 * by which a client may ask for more.
 */
export function registerAll(server: McpServer, deps: McpDeps, asked: Asked): void {
  const { identity, named, callsOnly, offer } = asked
  const tools = toolsOf(offer)
  const called = tools.filter(({ name }) => named.has(name))
  // Each request has a server of its own, and a call needs no more on it than its tool.
  if (callsOnly && called.length > 0) {
    for (const tool of called) registerTool(server, deps, identity, tool)
    return
  }
  const isOffered = (scope: Scope, name: string) =>
    scope !== 'nova:admin' || identity.scopes.has(scope) || named.has(name)
  for (const tool of tools) {
    if (isOffered(tool.scope, tool.name)) registerTool(server, deps, identity, tool)
  }
  for (const resource of resources) {
    const { scope = 'nova:read', uri } = resource
    if (isOffered(scope, uri)) registerResource(server, deps, identity, resource)
  }
  // It tells how to work with tools that are not there then.
  if (offer.readOnly || !offer.toolsets.has('research')) return
  const { name, title, description, text } = fullResearchPrompt
  server.registerPrompt(name, { title, description }, () => ({
    messages: [{ role: 'user', content: { type: 'text', text } }],
  }))
}

function registerTool(server: McpServer, deps: McpDeps, identity: Identity, tool: Tool): void {
  server.registerTool(
    tool.name,
    {
      title: tool.title,
      description: tool.description,
      inputSchema: unchecked(tool.inputSchema),
      outputSchema: unchecked(tool.outputSchema),
      annotations: tool.annotations,
      scopeChallenge: requireScopes(tool.scope),
    },
    (args, context) =>
      deps.inHand.track(() =>
        callTool(deps, tool, {
          identity,
          arguments: args,
          requestId: deps.newId(),
          client: clientOf(server, context),
          protocol: protocolOf(server, context),
          signal: context.mcpReq.signal,
          progress: progressTo(context),
          abilities: abilitiesOf(server, context),
          idempotencyKey: idempotencyKeyIn(context),
          answers: answersIn(context),
        }),
      ),
  )
}

/** Shown to clients as it is; checked by callTool, so that every refusal has one form and is on record. */
const unchecked = (schema: JsonSchema): StandardSchemaWithJSON => ({
  '~standard': {
    version: 1,
    vendor: 'nova',
    validate: (value) => ({ value }),
    jsonSchema: { input: () => schema, output: () => schema },
  },
})

function registerResource(
  server: McpServer,
  deps: McpDeps,
  identity: Identity,
  resource: Resource,
): void {
  const { name, uri, title, description, mimeType, scope = 'nova:read' } = resource
  const config = { title, description, mimeType, scopeChallenge: requireScopes(scope) }
  const read = async (address: URL, articleId: string) => {
    const text = await reading(deps, address, () => resource.read(deps, identity.userId, articleId))
    return { contents: [{ uri: address.href, mimeType, text }] }
  }
  if (!uri.includes('{id}')) {
    server.registerResource(name, uri, config, (address) => read(address, ''))
    return
  }
  const template = new ResourceTemplate(uri, {
    list: undefined,
    complete: { id: (typed) => completeArticleId(deps, identity.userId, typed) },
  })
  server.registerResource(name, template, config, (address, { id }) => read(address, String(id)))
}

/** What is malformed, unknown or somebody else's is not found, all alike; a bug shows only its id. */
async function reading(deps: McpDeps, address: URL, read: () => Promise<string>): Promise<string> {
  try {
    return await deps.inHand.track(read)
  } catch (error) {
    if (error instanceof Refusal) {
      const notFound = error.kind === 'not_found' || error.code === 'ARTICLE_ID_INVALID'
      if (notFound) throw new ResourceNotFoundError(address.href)
      const message = visibleLine(`${error.message} ${error.hint}`)
      const body = visibleValue(refusalBody(error))
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, message, body)
    }
    const requestId = deps.newId()
    deps.log.error({ err: error, request_id: requestId, resource: address.href }, 'resource failed')
    throw new ProtocolError(ProtocolErrorCode.InternalError, 'Internal error', {
      request_id: requestId,
    })
  }
}

/** Progress reaches clients that sent a token; one that has gone away is no reason to fail. */
function progressTo({ mcpReq }: ServerContext) {
  const progressToken = mcpReq._meta?.progressToken
  return async (progress: number, total: number, message: string): Promise<void> => {
    if (progressToken === undefined) return
    const params = { progressToken, progress, total, message: visibleLine(message) }
    await mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {})
  }
}

const idempotencyKeyIn = ({ mcpReq }: ServerContext): string | null => {
  const { _meta: meta } = mcpReq
  return idempotencyKey.safeParse(meta?.['nova/idempotency-key']).data ?? null
}

const idempotencyKey = z.string().min(8).max(200)

const answersIn = ({ mcpReq }: ServerContext) => {
  const state = mcpReq.requestState()
  return {
    responses: mcpReq.inputResponses,
    state: typeof state === 'string' ? state : undefined,
  }
}

/** For the audit record: what the client says of itself, bounded; a client of HTTP and 2025 says nothing. */
function clientOf(server: McpServer, { mcpReq }: ServerContext): string | undefined {
  const envelope: Record<string, unknown> = mcpReq.envelope ?? {}
  const info = implementation.safeParse(
    envelope[CLIENT_INFO_META_KEY] ?? server.server.getClientVersion(),
  )
  return info.success ? visibleLine(`${info.data.name} ${info.data.version}`, 120) : undefined
}

const implementation = z.object({ name: z.string(), version: z.string() })

function protocolOf(server: McpServer, { mcpReq, http }: ServerContext): string | undefined {
  const envelope: Record<string, unknown> = mcpReq.envelope ?? {}
  const said = envelope[PROTOCOL_VERSION_META_KEY] ?? http?.req?.headers.get('mcp-protocol-version')
  const revision = said ?? server.server.getNegotiatedProtocolVersion()
  return typeof revision === 'string' ? revision.slice(0, 20) : undefined
}
