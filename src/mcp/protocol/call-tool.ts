import type { z } from 'zod'
import type { Caller } from '../../commands/handle.ts'
import type { Identity } from '../../commands/people/identity.ts'
import { callKey, settledCall } from '../../commands/usage/call-ledger.ts'
import { type RecordServiceUse, recordServiceUse } from '../../commands/usage/record-service-use.ts'
import { admitToolCall } from '../../commands/usage/tool-calls.ts'
import { Refusal } from '../../errors.ts'
import { storableText } from '../../events/storable.ts'
import { observe } from '../../observed.ts'
import { measureServiceUse } from '../../research/service-use.ts'
import type { Tool, ToolAnswer } from './define-tool.ts'
import { createdTask } from './task.ts'
import type { McpDeps, ToolContext } from './tool-context.ts'
import { internalErrorResult, refusalResult, resultOf } from './tool-result.ts'
import { withoutNulls } from './without-nulls.ts'

/** A tools/call request, stripped of everything that belongs to the SDK. */
export interface ToolCallRequest {
  identity: Identity
  arguments: unknown
  requestId: string
  client: string | undefined
  protocol: string | undefined
  signal: AbortSignal
  progress: ToolContext['progress']
  abilities: ToolContext['abilities']
  idempotencyKey: ToolContext['idempotencyKey']
  answers: ToolContext['answers']
}

/**
 * The one way of a call: parse, admit, run, settle, answer. Arguments that do not parse are refused before
 * they count; a call that was refused or broke gives its unit back. Never throws.
 */
export async function callTool(
  deps: McpDeps,
  tool: Tool,
  request: ToolCallRequest,
): Promise<WireAnswer> {
  const began = performance.now()
  const say = (outcome: 'done' | 'refused' | 'broken') =>
    observe('tool', { tool: tool.name, outcome, ms: performance.now() - began })
  try {
    if (!request.identity.scopes.has(tool.scope)) {
      throw new Refusal('SCOPE_MISSING', { scope: tool.scope })
    }
    const args = parseArguments(tool, request.arguments)
    const callId = deps.newId()
    const caller = callerOf(request, callId)
    const articleId = articleIdIn(args)
    const call = await admitToolCall(deps, caller, {
      callId,
      tool: tool.name,
      articleId,
      defaults: deps.limits,
      free: tool.free,
    })
    const answer = await runAdmitted(deps, tool, args, articleId, {
      deps,
      caller: { ...caller, metadata: { ...caller.metadata, causation_id: call.eventId } },
      callId,
      call,
      signal: request.signal,
      progress: request.progress,
      abilities: request.abilities,
      idempotencyKey: request.idempotencyKey,
      answers: request.answers,
    })
    say('done')
    return answer
  } catch (error) {
    say(error instanceof Refusal ? 'refused' : 'broken')
    if (error instanceof Refusal) {
      observe('refusal', { code: error.code })
      return refusalResult(error)
    }
    deps.log.error({ err: error, request_id: request.requestId, tool: tool.name }, 'tool failed')
    return internalErrorResult(request.requestId)
  }
}

async function runAdmitted(
  deps: McpDeps,
  tool: Tool,
  args: Record<string, unknown>,
  articleId: string | null,
  context: Omit<ToolContext, 'repeats'>,
): Promise<WireAnswer> {
  const { caller, call } = context
  const key = callKey(caller.userId, tool.name, args)
  const answer = await settledCall(deps, caller, { call, key }, (repeats) =>
    measureServiceUse(
      () => tool.run(args, { ...context, repeats }),
      (uses) => recordUseQuietly(context, { callId: context.callId, articleId, uses }),
    ),
  )
  // A run that a lost answer tells of must not be started a second time.
  if (tool.remembered) deps.ledger.answered(call, key, !context.signal.aborted)
  return wireAnswer(answer)
}

const wireAnswer = (answer: ToolAnswer<object>) => {
  if (answer.task) return createdTask(answer.task)
  return answer.asks ?? resultOf(answer)
}

/** A result, a task, or a question to the client's user. */
type WireAnswer = ReturnType<typeof wireAnswer> | ReturnType<typeof refusalResult>

async function recordUseQuietly(
  { deps, caller }: Pick<ToolContext, 'deps' | 'caller'>,
  command: RecordServiceUse,
): Promise<void> {
  try {
    await recordServiceUse(deps, caller, command)
  } catch (error) {
    deps.log.warn({ err: error, call_id: command.callId }, 'service use not recorded')
  }
}

function callerOf(request: ToolCallRequest, callId: string): Caller {
  const client = request.client ?? request.identity.client
  return {
    userId: request.identity.userId,
    metadata: {
      correlation_id: callId,
      actor: 'agent',
      request_id: request.requestId,
      ...(client ? { client: storableText(client) } : {}),
      ...(request.protocol ? { protocol: request.protocol } : {}),
      ...(request.identity.tokenId ? { token_id: request.identity.tokenId } : {}),
    },
  }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** For the usage record only; whether the article exists is decided by the command. */
function articleIdIn(args: Record<string, unknown>): string | null {
  const id = typeof args.article_id === 'string' ? args.article_id.toLowerCase() : ''
  return uuid.test(id) ? id : null
}

/** The name under which the id of an article is known elsewhere is taken for ours. */
function byOwnName(tool: Tool, given: unknown): unknown {
  if (typeof given !== 'object' || given === null || !('article_id' in tool.input.shape))
    return given
  const { article_guideline_id, ...rest } = given as Record<string, unknown>
  return article_guideline_id === undefined ? given : { article_id: article_guideline_id, ...rest }
}

/** The arguments of a call, checked against the tool's schema. Throws ARGUMENT_INVALID naming the first fault. */
function parseArguments(tool: Tool, given: unknown): Record<string, unknown> {
  const parsed = tool.input.safeParse(withoutNulls(unquote(tool, byOwnName(tool, given ?? {}))))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Refusal('ARGUMENT_INVALID', {
    path: pathOf(issue) || '(arguments)',
    problem: problemOf(issue),
  })
}

/** Some hosts send lists and numbers as JSON in a string; that is unambiguous, so it is taken. */
function unquote(tool: Tool, given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
  const properties = tool.inputSchema.properties as Record<string, { type?: string }>
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const type = Object.hasOwn(properties, name) ? properties[name]?.type : undefined
      const quoted = typeof value === 'string' && (type === 'array' || type === 'integer')
      return [name, quoted ? parseJson(value) : value]
    }),
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

type Issue = z.core.$ZodIssue | undefined

function pathOf(issue: Issue): string {
  if (issue?.code === 'unrecognized_keys') return clip([...issue.path, issue.keys[0]].join('.'))
  return clip(issue?.path.map(String).join('.') ?? '')
}

function problemOf(issue: Issue): string {
  if (!issue) return 'is not valid'
  if (issue.code === 'unrecognized_keys') return 'is not an argument of this tool'
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
  return missing ? 'is missing' : clip(issue.message)
}

const clip = (text: string): string => text.slice(0, 200)
