import type pg from 'pg'

const time = (micros: string): string =>
  `timestamptz 'epoch' + ${micros} * interval '1 microsecond'`

/**
 * Stores events as their lines say, in `nova.events` or a spare month. `base` numbers them anew from there
 * in their order; without it they keep their positions. Hashes are taken as they are: the caller
 * verifies them before the commit.
 */
export async function insertEventLines(
  client: pg.PoolClient,
  lines: readonly string[],
  { into = 'nova.events', base = null }: { into?: string; base?: number | null },
): Promise<void> {
  // One text and one record per event: an array would be escaped here and read again there, and `->>` would
  // parse the line anew for each of its fields. No line of ours holds a line break.
  await client.query(
    `insert into ${into} (global_position, user_id, stream_id, stream_version, event_id, type,
       schema_version, data, metadata, recorded_at, data_hash, hash, erased_at)
     select coalesce($2::bigint + n, e.position), e.user_id, e.stream_id, e.stream_version,
       e.event_id, e.type, e.schema_version, e.data, e.metadata, ${time('e.recorded_us')},
       decode(e.data_hash, 'hex'), decode(e.hash, 'hex'), ${time('e.erased_us')}
     from string_to_table($1, e'\\n') with ordinality as lines (event, n)
     cross join lateral json_to_record(event::json) as e (
       position bigint, user_id text, stream_id text, stream_version int, event_id text, type text,
       schema_version smallint, data jsonb, metadata jsonb, recorded_us bigint, erased_us bigint,
       data_hash text, hash text)`,
    [lines.map(eventOf).join('\n'), base],
  )
}

/** The event within `{"event": …}`. */
const eventOf = (line: string): string => line.slice(line.indexOf('{', 1), line.lastIndexOf('}'))

/** The month that holds a moment, `yyyy-mm`, UTC. */
export const monthOf = (micros: number): string =>
  new Date(Math.floor(micros / 1000)).toISOString().slice(0, 7)
