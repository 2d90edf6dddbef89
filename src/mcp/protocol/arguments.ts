import { z } from 'zod'
import { monthPattern, storableText } from '../../events/storable.ts'

/** Arguments that many tools take, with their bounds and the words that models read. */
export const articleId = () => z.string().max(64).describe('The id of your article.')

/** Under the 60 s at which most clients give up on a call. */
const waitSecondsMax = 50

export const waitSeconds = () =>
  z
    .int()
    .min(0)
    .max(waitSecondsMax)
    .default(25)
    .describe('Seconds to wait for the result; work goes on after that.')

export const reason = () => z.string().max(1000).default('').describe('Why, for the record.')

export const sourceNumber = () => z.int().min(1).max(100_000).describe('Source number.')

export const calendarMonth = () =>
  z.string().regex(monthPattern).optional().describe('yyyy-mm, UTC. Default: this month.')

export const cursor = () =>
  z.string().max(500).optional().describe('The next_cursor of the answer before.')

export const operationId = () =>
  z
    .string()
    .min(1)
    .max(64)
    .refine((text) => text === storableText(text), 'is not text that a tool answered with')
    .describe('As answered by the tool that started it.')

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
