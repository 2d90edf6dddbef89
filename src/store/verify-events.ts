import type pg from 'pg'
import { asKeeper } from './as-keeper.ts'

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
  /** Events that are in archive files; the chain goes on from the last of them. */
  archived: number
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
 * snapshot. Who can change events can also recompute every hash after the change and the stream's head:
 * against that only a head kept elsewhere helps, an export or an archive.
 */
export function verifyEvents(owner: pg.Pool, scope: VerifyScope = {}): Promise<Verification> {
  return asKeeper(owner, (client) => verifyWith(client, scope), {
    role: 'keeper',
    isolation: 'repeatable read',
  })
}

/** The same within a transaction of the keeper's. */
export async function verifyWith(
  client: pg.PoolClient,
  scope: VerifyScope = {},
): Promise<Verification> {
  const values = [scope.userId ?? null, scope.streamId ?? null]
  const counted = await client.query<Pick<Verification, 'events' | 'erased' | 'archived'>>(
    `select count(*) as events, count(erased_at) as erased,
       (select coalesce(sum(events), 0)::bigint from nova.event_archives) as archived
     from nova.events e where ${inScope('e')}`,
    values,
  )
  const found = await client.query<ChainProblem>(
    `with ${links}
     select user_id, stream_id, stream_version, problem from links where problem is not null
     union all ${brokenHeads} union all ${duplicates}
     order by user_id, stream_id, stream_version limit ${problemsMax}`,
    values,
  )
  const counts = counted.rows[0] ?? { events: 0, erased: 0, archived: 0 }
  return { ...counts, problems: found.rows }
}

const inScope = (alias: string): string =>
  `($1::text is null or ${alias}.user_id = $1) and ($2::text is null or ${alias}.stream_id = $2)`

// A row is held against the one before it in its stream, or against the last archived one.
//   version 2 after 1   its hash must follow from the hash of 1
//   version 4 after 2   3 is missing; that the hash of 4 does not follow is part of it
const links = `anchors as (
  select user_id, stream_id, max(through_version) as version,
    (array_agg(last_hash order by through_version desc))[1] as hash
  from nova.archived_streams group by user_id, stream_id
), rows as (
  select e.*, coalesce(lag(e.hash) over stream, a.hash) as hash_before,
    coalesce(lag(e.stream_version) over stream, a.version, 0) as version_before,
    lag(e.global_position) over stream as position_before,
    bool_or(e.type = 'ArticleErased') over (partition by e.user_id, e.stream_id) as is_erased
  from nova.events e left join anchors a using (user_id, stream_id)
  where ${inScope('e')}
  window stream as (
    partition by e.user_id, e.stream_id order by e.stream_version, e.global_position)
), links as not materialized (
  select user_id, stream_id, stream_version, case
    when stream_version <= version_before or global_position <= position_before then 'reordered'
    when stream_version > version_before + 1 then 'missing'
    when erased_at is null and data_hash <> sha256(convert_to(data::text, 'UTF8')) then 'changed'
    when erased_at is not null and not (is_erased and data = nova.erased_data(type, data)) then 'changed'
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
