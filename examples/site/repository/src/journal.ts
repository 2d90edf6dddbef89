import type { Pool } from 'pg'
import { WrongVersion } from './errors.ts'

export interface NewEvent {
  type: string
  data: Record<string, unknown>
}

export interface Append {
  stream: string
  expectedVersion?: number
  /** Made by the client before the first attempt. */
  key: string
  events: NewEvent[]
}

/** Appends to streams. The unique key on (stream_id, stream_version) decides between writers. */
export class Journal {
  #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  async append({ stream, expectedVersion, key, events }: Append): Promise<{ version: number }> {
    const { rows } = await this.#pool.query(
      'select journal_append($1, $2, $3, $4::jsonb) as version',
      [stream, expectedVersion ?? null, key, JSON.stringify(events)],
    )
    const version: number | null = rows[0]?.version ?? null
    if (version === null) throw new WrongVersion(stream, expectedVersion)
    return { version }
  }
}
