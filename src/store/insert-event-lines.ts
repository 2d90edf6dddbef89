import type pg from 'pg'

const micros = (field: string): string =>
  `timestamptz 'epoch' + (e->>'${field}')::bigint * interval '1 microsecond'`

/**
 * Stores events as their lines say. `base` numbers them anew from there in their order; null keeps their
 * positions. Hashes are taken as they are: whoever calls verifies them before the commit.
 */
export async function insertEventLines(
  client: pg.PoolClient,
  lines: readonly string[],
  months: Iterable<string>,
  base: number | null,
): Promise<void> {
  for (const month of months) {
    await client.query('select nova.create_event_month($1::date)', [`${month}-01`])
  }
  await client.query(
    `insert into nova.events (global_position, user_id, stream_id, stream_version, event_id, type,
       schema_version, data, metadata, recorded_at, data_hash, hash, erased_at)
     select coalesce($2::bigint + n, (e->>'position')::bigint), e->>'user_id', e->>'stream_id',
       (e->>'stream_version')::int, e->>'event_id', e->>'type', (e->>'schema_version')::smallint,
       e->'data', e->'metadata', ${micros('recorded_us')}, decode(e->>'data_hash', 'hex'),
       decode(e->>'hash', 'hex'), ${micros('erased_us')}
     from unnest($1::text[]) with ordinality as lines (line, n)
     cross join lateral (select line::jsonb->'event' as e) as parsed`,
    [lines, base],
  )
}

/** The month that holds a moment, `yyyy-mm`, UTC. */
export const monthOf = (micros: number): string =>
  new Date(Math.floor(micros / 1000)).toISOString().slice(0, 7)
