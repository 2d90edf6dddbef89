import type pg from 'pg'
import type { ArchivePart } from '../archives/event-archives.ts'
import { inTransaction } from '../database/in-transaction.ts'

/**
 * A read model: folded from events by one statement per batch and rebuildable at any time. `fold` gets
 * the name of the table to write (a rebuild writes another one beside) and returns SQL with $1 and $2,
 * the positions after and up to which events are folded. src/projections defines them.
 */
export interface Projection {
  readonly name: string
  /** Migrations create generation 1; a rebuild makes the next. */
  readonly fold: (table: string) => string
  /** The types of events that it folds, or all: where none of them has come, it is not stepped. */
  readonly types: readonly string[] | 'all'
  /** It cannot be rebuilt while its events are archived; these archives take them, all of them by default. */
  readonly leavesWith?: readonly ArchivePart[]
}

export type StepResult =
  /** Folded up to the position; `more` when there are positions beyond it, with events or without. */
  | { kind: 'folded'; events: number; position: number; more: boolean }
  /** Another worker holds the checkpoint. */
  | { kind: 'busy' }
  /** The event at this position cannot be applied; the projection waits before it. */
  | { kind: 'stopped'; position: number; failure: string }

interface Checkpoint {
  generation: number
  position: number
  failed_position: number | null
}

/** Whether the projection folds events of one of these types. */
export const foldsAny = ({ types }: Projection, among: ReadonlySet<string>): boolean =>
  types === 'all' ? among.size > 0 : types.some((type) => among.has(type))

/** Whether the database refused what the fold made of an event, and was not merely away, busy or slow. */
export const isOfTheEvent = (error: unknown): boolean =>
  /^(22|23|42|P0)/.test((error as { code?: string }).code ?? '')

export const projectionTable = (name: string, generation: number): string =>
  `nova.${name}_g${generation}`

/**
 * Folds the next batch: rows and checkpoint move in one transaction under a lock on the checkpoint row,
 * so an effect happens exactly once whatever dies, and two workers cannot both do it.
 */
export async function stepProjection(
  pool: pg.Pool,
  projection: Projection,
  options: { batch: number; status: 'live' | 'rebuilding' },
): Promise<StepResult> {
  return inTransaction(pool, 'begin', (client) => foldBatch(client, projection, options))
}

async function foldBatch(
  client: pg.PoolClient,
  projection: Projection,
  options: { batch: number; status: 'live' | 'rebuilding' },
): Promise<StepResult> {
  const claimed = await client.query<Checkpoint>(
    `select generation, position, failed_position from nova.projections
     where name = $1 and status = $2 for update skip locked`,
    [projection.name, options.status],
  )
  const [checkpoint] = claimed.rows
  if (!checkpoint) return { kind: 'busy' }
  // The floor is read before the events, in an earlier snapshot; see nova.safe_position.
  const safe = await client.query<{ safe: number }>('select nova.safe_position() as safe')
  const from = checkpoint.position
  const end = safe.rows[0]?.safe ?? from
  // An event that could not be applied is tried by itself, and not found anew every time.
  const to = Math.min(end, checkpoint.failed_position ?? from + options.batch)
  if (to <= from) return { kind: 'folded', events: 0, position: from, more: false }

  const table = projectionTable(projection.name, checkpoint.generation)
  const failure = await tryFold(client, projection.fold(table), from, to)
  if (failure === null) {
    const events = await moveCheckpoint(client, projection, checkpoint, from, to)
    return { kind: 'folded', events, position: to, more: to < end }
  }

  const poison = await findPoison(client, projection.fold(table), from, to)
  if (poison.foldedTo > from) {
    await moveCheckpoint(client, projection, checkpoint, from, poison.foldedTo)
  }
  await client.query(
    `update nova.projections set failed_position = $3, failure = $4, updated_at = now()
     where name = $1 and generation = $2`,
    [projection.name, checkpoint.generation, poison.position, poison.failure],
  )
  return { kind: 'stopped', position: poison.position, failure: poison.failure }
}

/** Folds under a savepoint; null when it worked, else what went wrong. */
async function tryFold(
  client: pg.PoolClient,
  sql: string,
  from: number,
  to: number,
): Promise<string | null> {
  await client.query('savepoint fold')
  try {
    await client.query(sql, [from, to])
    await client.query('release savepoint fold')
    return null
  } catch (error) {
    // Only what the event itself caused is a poison event; a lost connection is not.
    if (!isOfTheEvent(error)) throw error
    await client.query('rollback to savepoint fold')
    return (error as Error).message
  }
}

/** Halves the batch until one event is left; everything before it stays folded. */
async function findPoison(client: pg.PoolClient, sql: string, from: number, to: number) {
  let folded = from
  let end = to
  let failure = ''
  while (end - folded > 1) {
    const middle = folded + Math.floor((end - folded) / 2)
    const problem = await tryFold(client, sql, folded, middle)
    if (problem === null) folded = middle
    else {
      end = middle
      failure = problem
    }
  }
  const problem = await tryFold(client, sql, folded, end)
  if (problem === null) return { foldedTo: end, position: end, failure }
  return { foldedTo: folded, position: end, failure: problem }
}

async function moveCheckpoint(
  client: pg.PoolClient,
  projection: Projection,
  checkpoint: Checkpoint,
  from: number,
  to: number,
): Promise<number> {
  const { rows } = await client.query<{ events: number }>(
    `with folded as (
       select count(*) as events from nova.events
       where global_position > $3 and global_position <= $4)
     update nova.projections set position = $4, events_seen = events_seen + folded.events,
       failed_position = null, failure = null, updated_at = now()
     from folded where name = $1 and generation = $2 returning folded.events`,
    [projection.name, checkpoint.generation, from, to],
  )
  return rows[0]?.events ?? 0
}

/** Folds until nothing is left; answers how it ended and how many events it folded. */
export async function drainProjection(
  pool: pg.Pool,
  projection: Projection,
  options: { batch?: number; signal?: AbortSignal } = {},
): Promise<StepResult> {
  let events = 0
  for (;;) {
    const result = await stepProjection(pool, projection, {
      batch: options.batch ?? 5000,
      status: 'live',
    })
    if (result.kind !== 'folded') return result
    events += result.events
    // Not until a batch without events: positions have gaps, which may be longer than a batch.
    if (!result.more || options.signal?.aborted) return { ...result, events }
  }
}
