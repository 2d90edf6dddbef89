import type pg from 'pg'
import { articleStream } from '../../events/articles/article-events.ts'
import { AnswerLost, translateDatabaseError } from '../database/database-error.ts'
import { isErrorCode } from '../database/error-code.ts'
import { resolveLostAnswer } from '../database/lost-answer.ts'
import { runAsTenant } from '../database/tenant.ts'
import type { Erased, Erasure } from './erasure.ts'
import { newEventId } from './event-id.ts'
import { ConcurrencyConflict } from './event-store.ts'
import { readStream } from './read-stream.ts'
import type { StreamSignal } from './stream-signal.ts'

/** Erasing as one statement on PostgreSQL; sql/articles/erase-article.sql holds the rule. */
export const createErasure = (pool: pg.Pool, signal: StreamSignal): Erasure => ({
  async erase({ userId, articleId, expectedVersion, erased, metadata }) {
    const stream = { userId, streamId: articleStream(articleId) }
    const eventId = newEventId()
    const values = [
      userId,
      articleId,
      expectedVersion,
      eventId,
      erased.schemaVersion,
      JSON.stringify(erased.data),
      JSON.stringify(metadata),
    ]
    const erase = async (): Promise<Erased> => {
      const [row] = await runAsTenant<Omit<Erased, 'repeated'>>(
        pool,
        userId,
        `select version, last_position as position, events, contents
         from nova.erase_article($1, $2, $3, $4, $5, $6, $7)`,
        values,
      )
      if (!row) throw new Error('nova.erase_article answered nothing')
      return { ...row, repeated: false }
    }
    /** What was erased is known from the events; how many bodies went with them at once is not. */
    const alreadyErased = async (): Promise<Erased | undefined> => {
      const events = await readStream(pool, stream, expectedVersion)
      const found = events.find((event) => event.eventId === eventId)
      if (!found) return undefined
      const { streamVersion: version, globalPosition: position } = found
      return { version, position, events: expectedVersion, contents: 0, repeated: true }
    }
    try {
      const done = await erase().catch((error: unknown) => {
        if (!(error instanceof AnswerLost)) throw error
        return resolveLostAnswer(error, async () => (await alreadyErased()) ?? (await erase()))
      })
      signal.changed(stream)
      return done
    } catch (error) {
      if (isErrorCode(error, 'NV001')) throw new ConcurrencyConflict(stream, expectedVersion)
      throw translateDatabaseError(error)
    }
  },
})
