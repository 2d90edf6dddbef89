import assert from 'node:assert/strict'
import type pg from 'pg'
import { operationQueueName } from '../../src/jobs/queue/job-queues.ts'
import { projections } from '../../src/projections/registry.ts'
import type { Database } from '../../src/store/database/database.ts'
import { drainProjection } from '../../src/store/projections/projection-step.ts'
import { rebuildProjection } from '../../src/store/projections/rebuild-projection.ts'

/** What a client was told about its append. `mark` is the link_id of its events. */
export interface Acknowledged {
  mark: string
  version: number
  position: number
}

/** What must hold after any fault: said was done, done once, nothing torn, nothing left lying about. */
export async function assertInvariants(
  { owner, projector }: Pick<Database, 'owner' | 'projector'>,
  acknowledged: readonly Acknowledged[] = [],
  /** False where nothing works the queue. */
  { queue = true } = {},
): Promise<void> {
  await acknowledgedExactlyOnce(owner, acknowledged)
  assert.deepEqual(await tornStreams(owner), [], 'streams with a gap, or at odds with their row')
  assert.deepEqual(await brokenLinks(owner), [], 'events whose hash is not that of the chain')
  for (const projection of projections) {
    const result = await drainProjection(projector, projection)
    assert.equal(result.kind, 'folded', `${projection.name} follows`)
    const live = await rowsOf(owner, projection.name)
    await rebuildProjection({ owner, projector }, projection)
    const rebuilt = await rowsOf(owner, projection.name)
    assert.deepEqual(live, rebuilt, `${projection.name} equals its replay`)
  }
  if (queue) {
    assert.deepEqual(
      await orphans(owner),
      [],
      'operations without a job, or jobs without an operation',
    )
  }
}

async function acknowledgedExactlyOnce(owner: pg.Pool, acknowledged: readonly Acknowledged[]) {
  const { rows } = await owner.query<{ mark: string; events: number }>(
    `select a.mark, count(e.event_id) as events
     from unnest($1::text[], $2::int[], $3::bigint[]) as a (mark, version, position)
     left join nova.events e
       on e.data->>'link_id' = a.mark and e.stream_version <= a.version and e.global_position <= a.position
     group by a.mark, a.version, a.position
     having count(*) filter (where e.stream_version = a.version and e.global_position = a.position) <> 1`,
    [
      acknowledged.map(({ mark }) => mark),
      acknowledged.map(({ version }) => version),
      acknowledged.map(({ position }) => position),
    ],
  )
  assert.deepEqual(rows, [], 'acknowledged events that are not where the answer said')
  const twice = await owner.query(
    `select data->>'link_id' as mark, count(*) as events from nova.events
     where data ? 'link_id' and data ? 'used_at' group by 1 having count(*) <> count(distinct data->>'used_at')`,
  )
  assert.deepEqual(twice.rows, [], 'commands that took effect twice')
}

async function tornStreams(owner: pg.Pool) {
  const { rows } = await owner.query(
    `select user_id, stream_id, s.version, count(e.*) as events, max(e.stream_version) as last
     from nova.streams s full join nova.events e using (user_id, stream_id)
     group by user_id, stream_id, s.version
     having count(e.*) is distinct from s.version or max(e.stream_version) is distinct from s.version
       or count(distinct e.stream_version) <> count(e.*)`,
  )
  return rows
}

async function brokenLinks(owner: pg.Pool) {
  const { rows } = await owner.query(
    `with chained as (
       select e.*, lag(hash) over (partition by user_id, stream_id order by stream_version) as before
       from nova.events e)
     select user_id, stream_id, stream_version from chained
     where hash <> nova.chain_hash(before, nova.content_hash(
         user_id, stream_id, event_id, type, schema_version, metadata,
         (extract(epoch from recorded_at) * 1000000)::bigint, data_hash))
       or erased_at is null and data_hash <> sha256(convert_to(data::text, 'UTF8'))
     union all
     select s.user_id, s.stream_id, s.version from nova.streams s
       left join nova.events e on e.user_id = s.user_id and e.stream_id = s.stream_id
         and e.stream_version = s.version
     where e.hash is distinct from s.last_hash`,
  )
  return rows
}

async function rowsOf(owner: pg.Pool, projection: string) {
  const { rows } = await owner.query<{ row: string }>(
    `select to_jsonb(p)::text as row from nova.${projection} p order by 1`,
  )
  return rows.map(({ row }) => row)
}

/** Compared with the articles' own events, so that a projection that is wrong cannot hide one. */
async function orphans(owner: pg.Pool) {
  const queue = await owner.query(`select to_regclass('pgboss.job') is not null as made`)
  if (!queue.rows[0]?.made) return []
  const { rows } = await owner.query(
    `with operation as (
       select data->>'operation_id' as id from nova.events where type = 'OperationStarted'
       except select data->>'operation_id' from nova.events where type = 'OperationFinished'
     ), job as (
       select data->>'operationId' as id from pgboss.job
       where name = $1 and state in ('created', 'retry', 'active'))
     select operation.id as operation, job.id as job from operation full join job using (id)
     where operation.id is null or job.id is null`,
    [operationQueueName],
  )
  return rows
}
