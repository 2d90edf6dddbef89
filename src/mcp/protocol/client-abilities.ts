import {
  CLIENT_CAPABILITIES_META_KEY,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { z } from 'zod'

/** The name of the extension by which a call answers with a task instead of being waited for. */
export const tasksExtension = 'io.modelcontextprotocol/tasks'

/** What a client has declared that changes how it is answered. */
export interface ClientAbilities {
  /** It polls tasks. */
  readonly tasks: boolean
  /** It puts a form to its user. */
  readonly elicits: boolean
}

/**
 * A client of 2026-07-28 declares with every request, and nothing counts that another request declared. One of
 * 2025 declares once for its session, which only stdio has; it can have no tasks of this revision.
 */
export function abilitiesOf(server: McpServer, { mcpReq }: ServerContext): ClientAbilities {
  const envelope: Record<string, unknown> | undefined = mcpReq.envelope
  const declared = envelope
    ? envelope[CLIENT_CAPABILITIES_META_KEY]
    : server.server.getClientCapabilities()
  const { extensions, elicitation } = capabilities.safeParse(declared).data ?? {}
  return {
    tasks: envelope !== undefined && extensions !== undefined && tasksExtension in extensions,
    // An empty declaration means forms; one that names addresses only means no forms.
    elicits: elicitation !== undefined && ('form' in elicitation || !('url' in elicitation)),
  }
}

const names = z.record(z.string(), z.unknown())
const capabilities = z.object({ extensions: names, elicitation: names }).partial()
