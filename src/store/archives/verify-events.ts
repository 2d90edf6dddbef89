import type pg from 'pg'
import { asKeeper } from './as-keeper.ts'
import { type ArchivedMonth, archivedMonths } from './event-archives.ts'

/** What is wrong with a stream at a version. */
export interface ChainProblem {
  user_id: string
  stream_id: string
  stream_version: number
  problem: 'changed' | 'missing' | 'reordered' | 'duplicate' | 'unregistered'
}

export interface Verification {
  events: number
  /** Events whose data was erased; their hashes still hold. */
  erased: number
  /** Months whose events are in files; the chain goes on from the last of them. */
  archives: ArchivedMonth[]
  /** At most a thousand. */
  problems: ChainProblem[]
}

export interface VerifyScope {
  userId?: string
  streamId?: string
}

const problemsMax = 1000

/**
 * Recomputes the hashes of all events and follows them along their streams, set-based and in one
 * snapshot. A stream that is gone with its head shows in the counts of the projections. Who can change
 * events can also recompute every hash after the change, the stream's head and those counts: against that
 * only a head kept elsewhere helps, an export or an archive.
 */
export function verifyEvents(
  owner: pg.Pool,
  scope: VerifyScope = {},
): Promise<Verification & { gone: number }> {
  const verify = async (client: pg.PoolClient) => {
    const isAll = scope.userId === undefined && scope.streamId === undefined
    const gone = isAll ? await countGone(client) : 0
    await client.query('set local role nova_keeper')
    return { ...(await verifyWith(client, scope)), gone }
  }
  return asKeeper(owner, verify, { role: 'owner', isolation: 'repeatable read' })
}

/** The same within a transaction of the keeper's. */
export async function verifyWith(
  client: pg.PoolClient,
  scope: VerifyScope = {},
): Promise<Verification> {
  const values = [scope.userId ?? null, scope.streamId ?? null]
  const counted = await client.query<Pick<Verification, 'events' | 'erased'>>(
    `select count(*) as events, count(erased_at) as erased from nova.events e where ${inScope('e')}`,
    values,
  )
  const found = await client.query<ChainProblem>(
    `with ${linksOf('nova.events', inScope('e'))}
     select user_id, stream_id, stream_version, problem from links where problem is not null
     union all ${brokenHeads} union all ${duplicates}
     order by user_id, stream_id, stream_version limit ${problemsMax}`,
    values,
  )
  const counts = counted.rows[0] ?? { events: 0, erased: 0 }
  const archives = await archivedMonths(client)
  return { ...counts, archives, problems: found.rows }
}

/**
 * Events that a projection has folded and that are neither stored nor archived: whole streams, say. One
 * that was rebuilt while some were archived has counted less.
 */
async function countGone(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ gone: number }>(
    `select coalesce(max(p.events_seen - kept.events), 0) as gone
     from nova.projections p cross join lateral (
       select (select count(*) from nova.events e where e.global_position <= p.position)
         + (select coalesce(sum(a.events), 0)::bigint from nova.event_archives a) as events
     ) as kept
     where p.status = 'live' and p.events_seen > kept.events`,
  )
  return rows[0]?.gone ?? 0
}

/**
 * Verifies the events of a month that is to come back, in a table of their own: from the end of the
 * archive before to the end that the register says. Null when they are whole.
 */
export async function verifyMonth(
  client: pg.PoolClient,
  table: string,
  month: string,
): Promise<ChainProblem | null> {
  const { rows } = await client.query<ChainProblem>(
    `with ${linksOf(table, 'true', 'month < $1::date')}, ends as (
       select distinct on (user_id, stream_id) user_id, stream_id, stream_version as version, hash
       from ${table} order by user_id, stream_id, stream_version desc
     ), due as (
       select * from nova.archived_streams join ends using (user_id, stream_id) where month = $1::date
     )
     select user_id, stream_id, stream_version, problem from links where problem is not null
     union all
     select user_id, stream_id, version, 'missing' from due
     where through_version <> version or last_hash <> hash
     union all
     select user_id, stream_id, version, 'unregistered' from ends
     where not exists (select from due d where d.user_id = ends.user_id and d.stream_id = ends.stream_id)
     order by user_id, stream_id, stream_version limit 1`,
    [`${month}-01`],
  )
  return rows[0] ?? null
}

const inScope = (alias: string): string =>
  `($1::text is null or ${alias}.user_id = $1) and ($2::text is null or ${alias}.stream_id = $2)`

// A row is held against the one before it in its stream, or against the last archived one.
//   version 2 after 1   its hash must follow from the hash of 1
//   version 4 after 2   3 is missing; that the hash of 4 does not follow is part of it
const linksOf = (source: string, where: string, archived = 'true'): string => `anchors as (
  select user_id, stream_id, max(through_version) as version,
    (array_agg(last_hash order by through_version desc))[1] as hash
  from nova.archived_streams where ${archived} group by user_id, stream_id
), erased as (
  select user_id, stream_id, true as is_erased from nova.events where type = 'ArticleErased'
  union select user_id, stream_id, true from ${source} where type = 'ArticleErased'
), rows as (
  select e.*, is_erased, coalesce(lag(e.hash) over stream, a.hash) as hash_before,
    coalesce(lag(e.stream_version) over stream, a.version, 0) as version_before,
    lag(e.global_position) over stream as position_before
  from ${source} e
  left join anchors a using (user_id, stream_id)
  left join erased using (user_id, stream_id)
  where ${where}
  window stream as (
    partition by e.user_id, e.stream_id order by e.stream_version, e.global_position)
), links as not materialized (
  select user_id, stream_id, stream_version, case
    when stream_version <= version_before or global_position <= position_before then 'reordered'
    when stream_version > version_before + 1 then 'missing'
    when erased_at is null and data_hash <> sha256(convert_to(data::text, 'UTF8')) then 'changed'
    when erased_at is not null and not (is_erased is true and data = nova.erased_data(type, data)) then 'changed'
    when hash <> nova.chain_hash(hash_before, nova.content_hash(
      user_id, stream_id, event_id, type, schema_version, metadata,
      (extract(epoch from recorded_at) * 1000000)::bigint, data_hash)) then 'changed'
  end as problem
  from rows
)`

// The stream's own row says where its chain ends: that shows an end that was cut off.
const brokenHeads = `
  select user_id, stream_id, coalesce(last.version, s.version), case
    when s.version is null then 'unregistered'
    when s.version > coalesce(last.version, 0) then 'missing'
    else 'changed' end
  from (select * from nova.streams s where ${inScope('s')}) s
  full join (
    select user_id, stream_id, version, hash from (
      select distinct on (user_id, stream_id) user_id, stream_id, version, hash from (
        select user_id, stream_id, stream_version as version, hash from nova.events e where ${inScope('e')}
        union all select user_id, stream_id, version, hash from anchors a where ${inScope('a')}
      ) as ends order by user_id, stream_id, version desc
    ) as ended
  ) last using (user_id, stream_id)
  where s.version is null or s.version <> coalesce(last.version, 0)
    or s.last_hash is distinct from last.hash`

// Each month refuses an id twice; over the months only this sees it, and only when all are looked at.
const duplicates = `
  select user_id, stream_id, stream_version, 'duplicate' from nova.events e
  where $1::text is null and $2::text is null and event_id in (
    select event_id from nova.events group by event_id having count(*) > 1)`
