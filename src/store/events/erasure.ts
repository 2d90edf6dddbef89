import type pg from 'pg'
import { articleStream } from '../../events/articles/article-events.ts'
import type { EventMetadata, NewEvent } from '../../events/define-event.ts'
import { AnswerLost, translateDatabaseError } from '../database/database-error.ts'
import { isErrorCode } from '../database/error-code.ts'
import { resolveLostAnswer } from '../database/lost-answer.ts'
import { runAsTenant } from '../database/tenant.ts'
import { newEventId } from './event-id.ts'
import { type Appended, ConcurrencyConflict } from './event-store.ts'
import { readStream } from './read-stream.ts'
import type { StreamSignal } from './stream-signal.ts'

export interface EraseRequest {
  userId: string
  articleId: string
  /** The version that erasing was decided on; as in an append, another one in between refuses. */
  expectedVersion: number
  /** Recorded together with the erasing, both or neither. */
  erased: NewEvent
  metadata: EventMetadata
}

export interface Erased extends Appended {
  /** Events whose data was replaced. */
  events: number
  /** Bodies removed at once; others follow within a quarter of an hour. */
  contents: number
}

/** Removes what an article's events and bodies say, for good; the chain of its events stays whole. */
export interface Erasure {
  /** Throws ConcurrencyConflict when the article has moved on. */
  erase(request: EraseRequest): Promise<Erased>
}

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
      if (isErrorCode(error, 'NV001')) throw new ConcurrencyConflict(stream.streamId)
      throw translateDatabaseError(error)
    }
  },
})
