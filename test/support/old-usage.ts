import type { Database } from '../../src/store/database/database.ts'

/**
 * Usage events of past months, hashed and numbered as nova.append would have done then: each call of a
 * user is called and settled, and the last call of a month is settled in the next.
 */
export async function appendOldUsage(
  database: Database,
  userId: string,
  months: readonly string[],
  calls = 3,
): Promise<void> {
  for (const month of months) {
    await database.owner.query(
      `select nova.create_event_month($1::date),
         nova.create_event_month(($1::date + interval '1 month')::date)`,
      [`${month}-01`],
    )
    const stream = `usage-${userId}-${month}`
    for (let n = 1; n <= calls; n++) {
      const id = `${month}-${userId}-${n}`
      const day = `${month}-${String(n).padStart(2, '0')}`
      const call = { call_id: id, tool: 'get_article' }
      const settled = { ...call, outcome: 'completed', code: null, items_ok: 1, items_failed: 0 }
      await appendAt(database, userId, stream, 'ToolCalled', `${day}T00:00:00.123456Z`, {
        ...call,
        article_id: null,
        called_at: `${day}T00:00:00.000Z`,
      })
      const late = `(${`'${month}-01'`}::date + interval '1 month 1 hour') at time zone 'UTC'`
      await appendAt(
        database,
        userId,
        stream,
        'ToolCallSettled',
        n === calls ? late : `${day}T00:00:01.000001Z`,
        { ...settled, duration_ms: 7, cost_usd: 0.25, settled_at: `${day}T00:00:01.000Z` },
      )
    }
  }
}

/** Appends an event as it would have been at a time: ISO 8601, or SQL in brackets. Its month must exist. */
export async function appendAt(
  database: Database,
  userId: string,
  stream: string,
  type: string,
  at: string,
  data: object,
): Promise<void> {
  const when = at.startsWith('(') ? at : `'${at}'::timestamptz`
  await database.owner.query(
    `with at as (
       select at, (extract(epoch from at) * 1000000)::bigint as us from (select ${when} as at) as given
     ), event as (
       select at.at, $2::text as type, $3::jsonb as data, '{"actor":"agent"}'::jsonb as metadata,
         substr(md5($1 || $2 || $3), 1, 26) as id, sha256(convert_to($3::jsonb::text, 'UTF8')) as data_hash,
         $1::text as stream_id, $4::text as user_id, at.us
       from at
     ), head as (
       insert into nova.streams as s
       select user_id, stream_id, 1, nova.chain_hash(null, nova.content_hash(
         user_id, stream_id, id, type, 1::smallint, metadata, us, data_hash)) from event
       on conflict (user_id, stream_id) do update set version = s.version + 1,
         last_hash = nova.chain_hash(s.last_hash, (select nova.content_hash(
           user_id, stream_id, id, type, 1::smallint, metadata, us, data_hash) from event))
       returning s.version, s.last_hash)
     insert into nova.events
     select nextval('nova.position_seq'), user_id, stream_id, head.version, id, type, 1, data, metadata, at,
       data_hash, head.last_hash from event, head`,
    [stream, type, JSON.stringify(data), userId],
  )
}
