import type pg from 'pg'
import { Refusal } from '../../errors.ts'
import { assertNothingArchived } from '../archives/event-archives.ts'
import { inTransaction } from '../database/in-transaction.ts'
import { type Projection, projectionTable, stepProjection } from './projection-step.ts'

/** Statements queue no longer than this behind a rebuild that waits for a lock. */
const begin = `begin; set local lock_timeout = '10s'`

export interface RebuildProgress {
  name: string
  generation: number
  position: number
  target: number
}

/** Close enough to the live generation that the rest is folded under both locks in a moment. */
const closeEnough = 500
const rebuildBatch = 20_000

/**
 * Builds the next generation beside the live one and swaps: readers see the old rows until one commit
 * shows them the new ones. Called again after a crash it goes on where it stopped. Throws Refusal
 * PROJECTION_UNKNOWN, REBUILD_RUNNING, or EVENTS_ARCHIVED where it would lack what is in files.
 */
export async function rebuildProjection(
  pools: { owner: pg.Pool; projector: pg.Pool },
  projection: Projection,
  onProgress: (progress: RebuildProgress) => void = () => {},
): Promise<{ generation: number; events: number }> {
  const parts = projection.leavesWith ?? ['usage', 'all']
  await assertNothingArchived(pools.projector, `a rebuild of ${projection.name}`, parts)
  const generation = await beginGeneration(pools.owner, projection.name)
  for (;;) {
    const result = await stepProjection(pools.projector, projection, {
      batch: rebuildBatch,
      status: 'rebuilding',
    })
    if (result.kind === 'stopped') {
      throw new Error(`event at position ${result.position} cannot be applied: ${result.failure}`)
    }
    if (result.kind === 'busy') throw new Refusal('REBUILD_RUNNING', { name: projection.name })
    const { rows } = await pools.owner.query<{ target: number }>(
      'select nova.safe_position() as target',
    )
    const target = rows[0]?.target ?? result.position
    onProgress({ name: projection.name, generation, position: result.position, target })
    if (target - result.position <= closeEnough) break
  }
  return swap(pools.owner, projection, generation)
}

async function beginGeneration(owner: pg.Pool, name: string): Promise<number> {
  return inTransaction(owner, begin, async (client) => {
    // The live row is the lock. A generation that another process is folding is read, not waited for:
    // the first step then finds it busy.
    await client.query(
      `select from nova.projections where name = $1 and status = 'live' for update`,
      [name],
    )
    const { rows } = await client.query<{ generation: number; status: string }>(
      'select generation, status from nova.projections where name = $1',
      [name],
    )
    if (rows.length === 0) throw new Refusal('PROJECTION_UNKNOWN', { name })
    const begun = rows.find((row) => row.status === 'rebuilding')
    if (begun) return begun.generation
    const live = rows.find((row) => row.status === 'live')
    if (!live) throw new Refusal('PROJECTION_UNKNOWN', { name })
    const generation = Math.max(...rows.map((row) => row.generation)) + 1
    const table = projectionTable(name, generation)
    await client.query(
      `create table ${table} (like ${projectionTable(name, live.generation)} including all)`,
    )
    await client.query('select nova.open_projection_table($1)', [table])
    await client.query(
      `insert into nova.projections (name, generation, status) values ($1, $2, 'rebuilding')`,
      [name, generation],
    )
    return generation
  })
}

/** Takes both checkpoints, folds the last few events, and points the view at the new generation. */
async function swap(owner: pg.Pool, projection: Projection, generation: number) {
  const { name } = projection
  return inTransaction(owner, begin, async (client) => {
    const { rows } = await client.query<{ generation: number; position: number; status: string }>(
      `select generation, position, status from nova.projections
       where name = $1 and status <> 'retired' order by generation for update`,
      [name],
    )
    // Another process may have swapped it in while this one waited for the rows.
    const next = rows.find((row) => row.generation === generation && row.status === 'rebuilding')
    const live = rows.find((row) => row.status === 'live')
    if (!next || !live) throw new Refusal('REBUILD_RUNNING', { name })
    const table = projectionTable(name, generation)
    const safe = await client.query<{ safe: number }>('select nova.safe_position() as safe')
    const to = Math.max(safe.rows[0]?.safe ?? 0, live.position)

    // Folded as the projector, whose rights are the ones every other batch is folded with.
    await client.query('set local role nova_projector')
    await client.query(projection.fold(table), [next.position, to])
    const tail = await client.query<{ events: number }>(
      `select count(*) as events from nova.events
       where global_position > $1 and global_position <= $2`,
      [next.position, to],
    )
    await client.query('reset role')

    await client.query(
      `update nova.projections set status = 'retired', updated_at = now()
       where name = $1 and generation = $2`,
      [name, live.generation],
    )
    const promoted = await client.query<{ events: number }>(
      `update nova.projections set status = 'live', position = $3, events_seen = events_seen + $4,
         failed_position = null, failure = null, updated_at = now()
       where name = $1 and generation = $2 returning events_seen as events`,
      [name, generation, to, tail.rows[0]?.events ?? 0],
    )
    await client.query('select nova.publish_projection($1, $2)', [name, table])
    await client.query(`drop table ${projectionTable(name, live.generation)}`)
    return { generation, events: promoted.rows[0]?.events ?? 0 }
  })
}
