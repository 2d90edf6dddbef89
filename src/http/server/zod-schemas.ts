import type { FastifyInstance, FastifySchema, FastifyTypeProvider } from 'fastify'
import { z } from 'zod'
import { Refusal } from '../../errors.ts'
import { visibleValue } from '../../visible-text.ts'

/** Lets route schemas be zod: handlers see the parsed types. */
export interface ZodTypes extends FastifyTypeProvider {
  validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown
  serializer: this['schema'] extends z.ZodType ? z.input<this['schema']> : unknown
}

const documentedOnly = new WeakSet<z.ZodType>()

/** A body that its route parses by itself (a stream, several forms); the schema is for the document. */
export function documentOnly<Schema extends z.ZodType>(schema: Schema): Schema {
  documentedOnly.add(schema)
  return schema
}

/** Parses at the boundary; what does not fit is ARGUMENT_INVALID with its path. */
export function useZodSchemas(app: FastifyInstance): void {
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (data) => {
    if (httpPart === 'body' && documentedOnly.has(schema)) return { value: data }
    const parsed = schema.safeParse(data ?? {})
    return parsed.success ? { value: parsed.data } : { error: argumentInvalid(parsed.error) }
  })
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  // Whatever a route answers as JSON, refusals included, holds no character that a reader cannot see.
  app.addHook('preSerialization', async (_request, _reply, payload) => visibleValue(payload))
}

/** The first problem of a parse as a refusal. The caller's value is not repeated. */
export function argumentInvalid(error: z.ZodError): Refusal {
  const [issue] = error.issues
  const path = issue?.path.join('.') || 'body'
  const problem = (issue?.message ?? 'is not valid').replace(/\.$/, '').slice(0, 200)
  return new Refusal('ARGUMENT_INVALID', { path: path.slice(0, 100), problem })
}

/** The JSON Schemas of a route's zod schemas, for the OpenAPI document. */
export function documentedSchema(schema: FastifySchema): FastifySchema {
  const parts = { response: { 200: { description: 'Done' } }, ...schema }
  return Object.fromEntries(
    Object.entries(parts).map(([part, value]) => {
      if (value instanceof z.ZodType) return [part, jsonSchema(value, 'input')]
      if (part !== 'response') return [part, value]
      const responses = Object.entries(value as Record<string, unknown>).map(([status, shape]) => [
        status,
        shape instanceof z.ZodType ? jsonSchema(shape, 'output') : shape,
      ])
      return [part, { ...Object.fromEntries(responses), default: refusalAnswer }]
    }),
  )
}

/** What every route may answer instead; the statuses are in refusal-status.ts. */
const refusalAnswer = {
  description: 'A refusal',
  ...jsonSchema(
    z.object({
      error: z.object({
        code: z.string(),
        message: z.string(),
        retryable: z.boolean(),
        hint: z.string().optional(),
        details: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
        request_id: z.string().optional(),
      }),
    }),
    'output',
  ),
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
