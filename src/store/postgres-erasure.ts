import type pg from 'pg'
import { articleStream } from '../events/article-events.ts'
import type { Erased, Erasure } from './erasure.ts'
import { isErrorCode } from './error-code.ts'
import { newEventId } from './event-id.ts'
import { ConcurrencyConflict } from './event-store.ts'
import type { StreamSignal } from './stream-signal.ts'
import { asTenant } from './tenant.ts'

/** Erasing as one statement on PostgreSQL; sql/articles/erase-article.sql holds the rule. */
export const createErasure = (pool: pg.Pool, signal: StreamSignal): Erasure => ({
  async erase({ userId, articleId, expectedVersion, erased, metadata }) {
    const stream = { userId, streamId: articleStream(articleId) }
    const values = [
      userId,
      articleId,
      expectedVersion,
      newEventId(),
      erased.schemaVersion,
      JSON.stringify(erased.data),
      JSON.stringify(metadata),
    ]
    try {
      const [row] = await asTenant<Pick<Erased, 'version' | 'events' | 'contents'> & LastPosition>(
        pool,
        userId,
        `select version, last_position, events, contents
         from nova.erase_article($1, $2, $3, $4, $5, $6, $7)`,
        values,
      )
      if (!row) throw new Error('nova.erase_article answered nothing')
      signal.changed(stream)
      const { last_position: position, ...rest } = row
      return { ...rest, position, repeated: false }
    } catch (error) {
      if (isErrorCode(error, 'NV001')) throw new ConcurrencyConflict(stream, expectedVersion)
      throw error
    }
  },
})

interface LastPosition {
  last_position: number
}
