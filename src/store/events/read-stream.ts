import type pg from 'pg'
import type { EventMetadata, StoredEvent } from '../../events/define-event.ts'
import { upcast } from '../../events/upcasters.ts'
import { translateDatabaseError } from '../database/database-error.ts'
import type { StreamRef } from './event-store.ts'

const statement = { name: 'nova_read_stream', text: 'select nova.read_stream($1, $2, $3) as line' }

/** An event as nova.read_stream writes it down: position, version, id, type, schema, milliseconds, … */
type Line = [number, number, string, string, number, number, unknown, EventMetadata]

/**
 * A stream's events after a version, oldest first, in one round trip. Throws Refusal HISTORY_ARCHIVED when
 * some of them are in archive files: nobody decides on a part of a history.
 */
export async function readStream(
  app: pg.Pool,
  { userId, streamId }: StreamRef,
  afterVersion: number,
): Promise<StoredEvent[]> {
  try {
    const values = [userId, streamId, afterVersion]
    const { rows } = await app.query<{ line: string }>({ ...statement, values })
    return rows.map(({ line }) => {
      const event = JSON.parse(line) as Line
      return upcast({
        eventId: event[2],
        userId,
        streamId,
        streamVersion: event[1],
        globalPosition: event[0],
        type: event[3],
        schemaVersion: event[4],
        data: event[6],
        metadata: event[7],
        recordedAt: new Date(event[5]),
      })
    })
  } catch (error) {
    throw translateDatabaseError(error)
  }
}
