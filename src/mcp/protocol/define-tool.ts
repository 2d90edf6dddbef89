import type { InputRequiredResult } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { SettleToolCall } from '../../commands/usage/tool-calls.ts'
import type { Scope } from '../../events/people/token-events.ts'
import type { Task } from './task.ts'
import type { ToolContext } from './tool-context.ts'

/** What a tool answers. Hosts read one of the two, so each must say everything on its own. */
export interface ToolAnswer<Structured> {
  structured: Structured
  text: string
  /**
   * How the call is settled; default: completed, and it counts. `by_job`: the operation that the call
   * started settles it when it ends.
   */
  settle?: 'by_job' | Partial<Pick<SettleToolCall, 'itemsOk' | 'itemsFailed' | 'refund'>>
  /** The work goes on as this task, for a client that polls it, and the answer is the task's. */
  task?: Task
  /** A question to the client's user in place of the answer; the client calls again with what was said. */
  asks?: InputRequiredResult
}

/** The four hints of MCP, all of them, so that no host has to assume the worst. */
export interface ToolHints {
  readOnlyHint: boolean
  destructiveHint: boolean
  idempotentHint: boolean
  openWorldHint: boolean
}

export interface ToolSpec<Input extends z.ZodObject, Output extends z.ZodObject> {
  /** `^[a-z_]{1,64}$`: hosts prefix names and refuse dots. */
  name: string
  title: string
  /** What it does, when to call it, what it returns. Every word costs every user tokens. */
  description: string
  /** Flat: model providers refuse unions at the top level. Every argument has bounds. */
  input: Input
  output: Output
  hints: ToolHints
  /** An administrator's tool is listed for administrators only, and its calls count nothing. */
  scope: Scope
  /** Its calls are on record and count nothing: what it starts counts by itself. */
  free?: true
  /** Called again in the same words after its answer was lost, it finds what it began by `repeats`. */
  remembered?: true
  run(args: z.infer<Input>, context: ToolContext): Promise<ToolAnswer<z.infer<Output>>>
}

/** A tool as the registry keeps it, with its argument types folded away. */
export interface Tool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly hints: ToolHints
  /** The hints as a listing has them. */
  readonly annotations: Partial<ToolHints>
  readonly scope: Scope
  readonly free: boolean
  readonly remembered: boolean
  readonly input: z.ZodObject
  readonly inputSchema: JsonSchema
  readonly outputSchema: JsonSchema
  run(args: Record<string, unknown>, context: ToolContext): Promise<ToolAnswer<object>>
}

export type JsonSchema = Record<string, unknown>

/** Defines a tool independently of any SDK; the schemas are converted once, not once per request. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  spec: ToolSpec<Input, Output>,
): Tool {
  return {
    name: spec.name,
    title: spec.title,
    description: spec.description,
    hints: spec.hints,
    scope: spec.scope,
    // An administrator's calls are on record and never limited.
    free: spec.free ?? spec.scope === 'nova:admin',
    remembered: spec.remembered ?? false,
    input: spec.input,
    inputSchema: jsonSchema(spec.input),
    outputSchema: outline(jsonSchema(spec.output)),
    annotations: told(spec.hints),
    run: (args, context) => spec.run(args as z.infer<Input>, context),
  }
}

/**
 * Leaves out what says nothing and would be paid for in every listing: the dialect and the range of int. Of two forms
 * of an argument the fuller one is shown, since models' providers refuse unions; the other is taken all the same.
 */
function jsonSchema(schema: z.ZodObject): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema: node }) => {
      if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum
      if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum
      const fuller = node.anyOf?.find(({ type }) => type === 'object')
      // What may be null has one form and none.
      if (!fuller || node.anyOf?.some(({ type }) => type === 'null')) return
      delete node.anyOf
      Object.assign(node, fuller)
    },
  })
  return rest
}

/** All that a caller needs of slow work to follow it: what it did is read from the answer, and differs by tool. */
const followed = ['status', 'operation_id', 'next_step']

/**
 * The fields of an answer with their types, and no more: clients read the answer itself, and whole schemas were
 * more than half of a listing that every conversation pays for.
 */
function outline({ properties }: JsonSchema): JsonSchema {
  const all = Object.entries(properties as Record<string, JsonSchema>)
  const isSlow = followed.every((name) => all.some(([field]) => field === name))
  const fields = all.filter(([name]) => !isSlow || followed.includes(name))
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, field]) => [name, typeOf(field)])),
  }
}

const typeOf = ({ type, anyOf }: JsonSchema): JsonSchema => ({
  type: Array.isArray(anyOf) ? anyOf.map((branch: JsonSchema) => branch.type) : type,
})

/** What a host assumes of a tool that does not say (MCP, ToolAnnotations). */
const assumed: ToolHints = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
  openWorldHint: true,
}

/** The hints that are not assumed anyway. */
const told = (hints: ToolHints): Partial<ToolHints> =>
  Object.fromEntries(
    Object.entries(hints).filter(([name, hint]) => hint !== assumed[name as keyof ToolHints]),
  )
