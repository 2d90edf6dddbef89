import type { z } from 'zod'
import { Refusal } from '../../errors.ts'

/** A place in a longer answer, opaque to clients. It grants nothing: each page is read as its caller. */
export const encodeCursor = (place: unknown): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url')

/** Throws CURSOR_INVALID for anything that encodeCursor did not make. */
export function decodeCursor<Place>(cursor: string, schema: z.ZodType<Place>): Place {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
  } catch (error) {
    throw new Refusal('CURSOR_INVALID', {}, { cause: error })
  }
}
