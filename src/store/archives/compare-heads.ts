import type { KeyObject } from 'node:crypto'
import type pg from 'pg'
import { asKeeper } from './as-keeper.ts'
import { type HeadsTaken, readHeads, type StreamHead } from './heads-file.ts'
import { systemIdentifier } from './take-heads.ts'

/**
 * What is not as the signed heads say. `rewritten`: the chain up to there is another one. `missing`: the
 * stream or its end is gone. `added`: an event stands among those of before that was not there then.
 * `backdated`: an event that came later says that it is older.
 */
export interface HeadProblem {
  user_id: string
  stream_id: string
  stream_version: number
  problem: 'rewritten' | 'missing' | 'added' | 'backdated'
}

export interface Comparison {
  taken: HeadsTaken
  /** The heads are of another server's data: a copy of this database, or another one. */
  isOtherServer: boolean
  streams: number
  /** Streams with events that came after the heads were taken. */
  grown: number
  /** Streams whose head lies in an archive file, where it is compared once that is attached. */
  archived: number
  /** At most a thousand. */
  problems: HeadProblem[]
}

const problemsMax = 1000
/** An append takes seconds at most, and clocks of servers differ by little. */
const tolerance = '1 hour'

/**
 * Holds every stream against its signed head, set-based, in one snapshot and in constant memory. Growing,
 * erasing and archiving leave the heads as they were. That the chain below each head is whole is for
 * verifyEvents to say. Throws Refusal HEADS_INVALID.
 */
export function compareHeads(
  owner: pg.Pool,
  {
    path,
    lines,
    trusted,
  }: { path: string; lines: AsyncIterable<string>; trusted: readonly KeyObject[] },
): Promise<Comparison> {
  const compare = async (client: pg.PoolClient): Promise<Comparison> => {
    await client.query(
      `set local statement_timeout = 0; create temporary table signed_heads
         (user_id text, stream_id text, version int, hash bytea) on commit drop;
       grant select on pg_temp.signed_heads to nova_keeper`,
    )
    const taken = await readHeads(path, lines, trusted, (heads) => keep(client, heads))
    await client.query('analyze pg_temp.signed_heads')
    const system = await systemIdentifier(client)
    await client.query('set local role nova_keeper')
    const counted = await client.query<Pick<Comparison, 'streams' | 'grown' | 'archived'>>(
      `with ${held} select count(*) as streams, count(*) filter (where now_at > version) as grown,
         count(*) filter (where found is null and archived_to > version) as archived from held`,
    )
    const found = await client.query<HeadProblem>(
      `with ${held}
       select user_id, stream_id, version as stream_version,
         case when found is null then 'missing' else 'rewritten' end as problem
       from held where found is distinct from hash and not (found is null and coalesce(archived_to > version, false))
       union all
       select e.user_id, e.stream_id, min(e.stream_version),
         case when e.global_position <= $1 then 'added' else 'backdated' end
       from nova.events e left join pg_temp.signed_heads h using (user_id, stream_id)
       where e.stream_version > coalesce(h.version, 0)
         and (e.global_position <= $1 or e.recorded_at < $2::timestamptz - interval '${tolerance}')
       group by e.user_id, e.stream_id, e.global_position <= $1
       union all
       select a.user_id, a.stream_id, a.through_version, 'added'
       from nova.archived_streams a join nova.event_archives m using (month, part)
       where m.last_position <= $1 and not exists (
         select from pg_temp.signed_heads h where h.user_id = a.user_id and h.stream_id = a.stream_id)
       order by user_id, stream_id, stream_version limit ${problemsMax}`,
      [taken.position, taken.taken_at],
    )
    const counts = counted.rows[0] ?? { streams: 0, grown: 0, archived: 0 }
    return {
      taken,
      isOtherServer: taken.database.system !== system,
      ...counts,
      problems: found.rows,
    }
  }
  return asKeeper(owner, compare, { role: 'owner', isolation: 'repeatable read' })
}

async function keep(client: pg.PoolClient, heads: readonly StreamHead[]): Promise<void> {
  await client.query(
    `insert into pg_temp.signed_heads
     select user_id, stream_id, version, decode(hash, 'hex')
     from unnest($1::text[], $2::text[], $3::int[], $4::text[]) as u (user_id, stream_id, version, hash)`,
    [
      heads.map(({ user_id }) => user_id),
      heads.map(({ stream_id }) => stream_id),
      heads.map(({ version }) => version),
      heads.map(({ hash }) => hash),
    ],
  )
}

// The hash that a stream has now at the version of its signed head: among the events, or where a month of
// it was taken out.
const held = `held as (
  select h.*, coalesce(e.hash, a.last_hash) as found, s.version as now_at, (
      select max(x.through_version) from nova.archived_streams x
      where x.user_id = h.user_id and x.stream_id = h.stream_id) as archived_to
  from pg_temp.signed_heads h
  left join nova.events e
    on e.user_id = h.user_id and e.stream_id = h.stream_id and e.stream_version = h.version
  left join nova.archived_streams a
    on a.user_id = h.user_id and a.stream_id = h.stream_id and a.through_version = h.version
  left join nova.streams s on s.user_id = h.user_id and s.stream_id = h.stream_id)`
