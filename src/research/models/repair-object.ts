import type { z } from 'zod'

/**
 * Small local models wrap the JSON they were asked for in prose or a code fence. Takes the outermost braces
 * and lets the schema decide; null when that is no object of the schema.
 */
export function repairObject<T>(text: string | undefined, schema: z.ZodType<T>): T | null {
  const from = text?.indexOf('{') ?? -1
  const to = text?.lastIndexOf('}') ?? -1
  if (!text || from < 0 || to < from) return null
  try {
    const parsed = schema.safeParse(JSON.parse(text.slice(from, to + 1)))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
