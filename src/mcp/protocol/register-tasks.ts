import {
  type McpServer,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Identity } from '../../commands/people/identity.ts'
import { Refusal, refusalBody } from '../../errors.ts'
import type { Scope } from '../../events/people/token-events.ts'
import { storableText } from '../../events/storable.ts'
import { visibleValue } from '../../visible-text.ts'
import { abilitiesOf, tasksExtension } from './client-abilities.ts'
import type { TaskSource } from './task.ts'
import type { McpDeps } from './tool-context.ts'

const taskId = z
  .string()
  .min(1)
  .max(64)
  .refine((text) => text === storableText(text))
const named = z.object({ taskId })

/**
 * tasks/get, tasks/update and tasks/cancel of the extension, for clients that declare it. The SDK has no runtime
 * for them; it checks the headers that name the task. Nothing of this counts as a call.
 */
export function registerTasks(
  server: McpServer,
  deps: McpDeps,
  identity: Identity,
  sources: readonly TaskSource[],
): void {
  server.server.registerCapabilities({ extensions: { [tasksExtension]: {} } })
  const asked = (scope: Scope, context: ServerContext) => {
    if (!abilitiesOf(server, context).tasks) throw notDeclared()
    if (!identity.scopes.has(scope)) throw refused(new Refusal('SCOPE_MISSING', { scope }))
  }
  server.server.setRequestHandler('tasks/get', { params: named }, async (params, context) => {
    asked('nova:read', context)
    const task = await first(deps, sources, (source) => source.get(params.taskId))
    if (task.status === 'input_required' && !abilitiesOf(server, context).elicits) {
      throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { elicitation: {} } })
    }
    return { ...task }
  })
  server.server.setRequestHandler('tasks/update', { params: named }, async (params, context) => {
    asked('nova:write', context)
    // The SDK takes them out of the parameters, and leaves away what has no form of an answer.
    const responses = context.mcpReq.inputResponses ?? {}
    await first(deps, sources, (source) => source.update(params.taskId, responses))
    return {}
  })
  server.server.setRequestHandler('tasks/cancel', { params: named }, async (params, context) => {
    asked('nova:write', context)
    await first(deps, sources, (source) => source.cancel(params.taskId))
    return {}
  })
}

const notDeclared = () =>
  new MissingRequiredClientCapabilityError({
    requiredCapabilities: { extensions: { [tasksExtension]: {} } },
  })

const refused = (refusal: Refusal) =>
  new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    refusal.message,
    visibleValue(refusalBody(refusal)),
  )

/** What the source that knows the task says. A bug shows only its id. */
async function first<Answer>(
  deps: McpDeps,
  sources: readonly TaskSource[],
  ask: (source: TaskSource) => Promise<Answer | null | false>,
): Promise<Answer> {
  try {
    for (const source of sources) {
      const answer = await deps.inHand.track(() => ask(source))
      if (answer) return answer
    }
  } catch (error) {
    if (error instanceof Refusal) throw refused(error)
    const requestId = deps.newId()
    deps.log.error({ err: error, request_id: requestId }, 'task request failed')
    throw new ProtocolError(ProtocolErrorCode.InternalError, 'Internal error', {
      request_id: requestId,
    })
  }
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'There is no such task.')
}
