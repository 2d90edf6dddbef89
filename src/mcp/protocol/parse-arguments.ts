import type { z } from 'zod'
import { Refusal } from '../../errors.ts'
import type { Tool } from './define-tool.ts'

/** The arguments of a call, checked against the tool's schema. Throws ARGUMENT_INVALID naming the first fault. */
export function parseArguments(tool: Tool, given: unknown): Record<string, unknown> {
  const parsed = tool.input.safeParse(unquote(tool, given ?? {}))
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
