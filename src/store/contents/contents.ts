import { createHash } from 'node:crypto'
import type pg from 'pg'
import type { ContentRef } from '../../events/define-event.ts'
import { AnswerLost, translateDatabaseError } from '../database/database-error.ts'
import { resolveLostAnswer } from '../database/lost-answer.ts'
import { asTenant, runAsTenant } from '../database/tenant.ts'
import { freeBuffersSoon } from './free-buffers.ts'

/** Bodies by hash, per user; the hash is computed here and never taken from a caller. */
export interface Contents {
  /** Throws STORAGE_FULL when the user may keep no more. */
  put(userId: string, bytes: Uint8Array | string, mediaType: string): Promise<ContentRef>
  /** Throws when absent: an event that names a body is proof that it was stored. */
  get(userId: string, sha256: string): Promise<Uint8Array>
  text(userId: string, sha256: string): Promise<string>
  /** What the user keeps, and may keep at most (0 = any number). */
  kept(userId: string): Promise<{ bytes: number; max: number }>
}

/**
 * Contents in PostgreSQL; sql/contents/put-content.sql holds the rule of how many bytes a user may keep (0 = any number).
 * Putting the same bytes again is one index probe, and at most once a minute the note that they were put:
 * erasing another article must not take them before their event is written.
 */
export const createContents = (pool: pg.Pool, bytesMax = 0): Contents => {
  const get = async (userId: string, sha256: string): Promise<Uint8Array> => {
    const [row] = await asTenant<{ body: Buffer }>(
      pool,
      userId,
      'select body from nova.contents where user_id = $1 and sha256 = $2',
      [userId, sha256],
    )
    if (!row) throw new Error(`content ${sha256} is missing`)
    return row.body
  }
  const put = async (userId: string, values: unknown[]): Promise<void> => {
    const send = () =>
      runAsTenant(pool, userId, 'select nova.put_content($1, $2, $3, $4, $5)', values)
    try {
      await send()
    } catch (error) {
      if (!(error instanceof AnswerLost)) throw error
      await resolveLostAnswer(error, send)
    }
  }
  return {
    get,
    kept: async (userId) => {
      const [row] = await asTenant<{ bytes: number }>(
        pool,
        userId,
        'select bytes from nova.user_storage where user_id = $1',
        [userId],
      )
      return { bytes: row?.bytes ?? 0, max: bytesMax }
    },
    text: async (userId, sha256) => new TextDecoder().decode(await get(userId, sha256)),
    put: async (userId, content, mediaType): Promise<ContentRef> => {
      const body =
        typeof content === 'string'
          ? Buffer.from(content, 'utf8')
          : // A view: a copy of a large body would be as large.
            Buffer.from(content.buffer, content.byteOffset, content.byteLength)
      const sha256 = createHash('sha256').update(body).digest('hex')
      const values = [userId, sha256, mediaType, body, bytesMax]
      try {
        await put(userId, values)
      } catch (error) {
        // A body that no event names is nothing that anybody sees.
        if (error instanceof AnswerLost) throw translateDatabaseError(error.cause)
        throw translateDatabaseError(error)
      }
      // Storing a body makes copies of it.
      freeBuffersSoon(body.byteLength)
      return { sha256, size: body.byteLength, media_type: mediaType }
    },
  }
}
