import { createHash } from 'node:crypto'
import type pg from 'pg'
import type { ContentRef } from '../events/define-event.ts'
import type { Contents } from './contents.ts'
import { asTenant } from './tenant.ts'

/**
 * Contents in PostgreSQL. Putting the same bytes again is one index probe, and at most once a minute the
 * note that they were put: erasing another article must not take them before their event is written.
 */
export const createContents = (pool: pg.Pool): Contents => {
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
  return {
    get,
    text: async (userId, sha256) => new TextDecoder().decode(await get(userId, sha256)),
    put: async (userId, content, mediaType): Promise<ContentRef> => {
      const body = typeof content === 'string' ? Buffer.from(content, 'utf8') : Buffer.from(content)
      const sha256 = createHash('sha256').update(body).digest('hex')
      await asTenant(
        pool,
        userId,
        `insert into nova.contents (user_id, sha256, size, media_type, body)
         values ($1, $2, $3, $4, $5)
         on conflict (user_id, sha256) do update set put_at = now()
           where contents.put_at < now() - interval '1 minute'`,
        [userId, sha256, body.byteLength, mediaType, body],
      )
      return { sha256, size: body.byteLength, media_type: mediaType }
    },
  }
}
