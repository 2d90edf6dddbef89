import { z } from 'zod'
import { reason } from './arguments.ts'

const query = () => z.string().trim().min(1).max(1000)

/** The agent's own queries, with or without reasons. */
export const queriesArgument = () =>
  z
    .array(z.union([query(), z.strictObject({ query: query(), reason: reason() })]))
    .min(1)
    .max(20)
    .optional()
    .describe('Your own queries.')

export const ownQueries = (
  given: readonly (string | { query: string; reason: string })[],
): { query: string; reason: string }[] =>
  given.map((item) =>
    typeof item === 'string' ? { query: item, reason: 'Asked by the calling agent.' } : item,
  )
