import type { Pool } from 'pg'

export interface StoredEvent {
  global_position: string
  stream_id: string
  type: string
  data: unknown
}

/**
 * Follows the journal in batches. Reads end at the oldest transaction that is still running, because a
 * position below one that was already read can still become visible.
 */
export async function* follow(
  pool: Pool,
  { after, size = 500 }: { after: bigint; size?: number },
): AsyncGenerator<StoredEvent[]> {
  let position = after
  for (;;) {
    const { rows } = await pool.query<StoredEvent>(
      `select * from events
        where global_position > $1 and transaction_id < pg_snapshot_xmin(pg_current_snapshot())
        order by global_position limit $2`,
      [position, size],
    )
    if (rows.length === 0) return
    yield rows
    position = BigInt(rows.at(-1)?.global_position ?? position)
  }
}
