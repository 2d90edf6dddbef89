import type pg from 'pg'
import { isErrorCode } from '../database/error-code.ts'
import { inOneWrite } from '../database/in-transaction.ts'
import { foldsAny, isOfTheEvent, type Projection, projectionTable } from './projection-step.ts'

/** What has come since the last look. */
export interface Round {
  events: number
  /** More events wait than one round takes. */
  more: boolean
  /** To be drained by themselves: they fail, or are further behind than a round takes. */
  apart: Projection[]
}

interface Followed {
  projection: Projection
  /** No event after this and up to `#seen` is waiting for the projection, unless it is due. */
  lookedFrom: number
  /** An event that it folds has been seen, and is not known to be folded. */
  due: boolean
}

/** Most events of a round; who is further behind is drained by itself. */
const roundMax = 1000
/** The checkpoint of a projection that has nothing to fold is this far behind at most, in time and positions. */
const lazyMs = 1000
const lazyPositions = 2000

/**
 * Follows the events for several projections at once. What came is looked at once for all of them, by type. Those
 * that fold it share a transaction; the others' checkpoints move once in a while, since nothing depends on them
 * but what people are shown. A process that dies loses nothing: between such a checkpoint and the last look lies
 * no event that the projection folds, and the next process looks again.
 */
export class ProjectionFollower {
  readonly #pool: pg.Pool
  readonly #followed = new Map<string, Followed>()
  #seen = 0
  #movedAt = 0
  #movedTo = 0

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  /** Begins where a drain has just ended. */
  follow(projection: Projection, position: number): void {
    if (this.#followed.size === 0) this.#seen = position
    // What came between the last look and the drain, or since, is settled by folding it once.
    const lookedFrom = Math.min(position, this.#seen)
    this.#followed.set(projection.name, { projection, lookedFrom, due: true })
  }

  /** Looks at what has come and folds it. Throws the database's errors; nothing is lost by them. */
  async round(): Promise<Round> {
    const { events, more } = await this.#look()
    const due = this.#where(({ due }) => due)
    const apart = due.length > 0 ? await this.#fold(due) : []
    const isLate = performance.now() - this.#movedAt > lazyMs
    if (isLate || this.#seen - this.#movedTo > lazyPositions) await this.moveCheckpoints()
    return { events, more, apart }
  }

  /** Moves the checkpoints of those that have nothing to fold to the last look. */
  async moveCheckpoints(): Promise<void> {
    this.#movedAt = performance.now()
    this.#movedTo = this.#seen
    const idle = this.#where(({ due, lookedFrom }) => !due && lookedFrom < this.#seen)
    if (idle.length === 0) return
    // One that moved back below the first look, or stopped, is left to whoever drains it.
    await this.#pool.query({
      name: 'nova_move_checkpoints',
      text: `with idle as (
           select p.name, p.generation from nova.projections p
           join unnest($1::text[], $2::bigint[]) as i(name, looked_from) using (name)
           where p.status = 'live' and p.failed_position is null
             and p.position >= i.looked_from and p.position < $3
           for update of p skip locked)
         update nova.projections p set position = $3, updated_at = now(), events_seen = events_seen + (
             select count(*) from nova.events e
             where e.global_position > p.position and e.global_position <= $3)
         from idle where p.name = idle.name and p.generation = idle.generation`,
      values: [
        idle.map(({ projection }) => projection.name),
        idle.map(({ lookedFrom }) => lookedFrom),
        this.#seen,
      ],
    })
  }

  /** Ends the following of one. */
  leave({ name }: Projection): void {
    this.#followed.delete(name)
  }

  async #look(): Promise<Pick<Round, 'events' | 'more'>> {
    const { rows } = await this.#pool.query<Arrived>({
      name: 'nova_arrived',
      text: 'select looked, more, events, types from nova.arrived($1, $2)',
      values: [this.#seen, roundMax],
    })
    const [arrived] = rows
    if (!arrived) throw new Error('nova.arrived answered nothing')
    const { looked, more, events } = arrived
    const types = new Set(arrived.types ?? [])
    // Due before seen: an error between the two would leave an event that nobody folds.
    for (const followed of this.#followed.values()) {
      followed.due ||= foldsAny(followed.projection, types)
    }
    this.#seen = looked
    return { events, more }
  }

  /** Folds those that are due up to the last look, all or none; answers those that have to be drained apart. */
  async #fold(due: readonly Followed[]): Promise<Projection[]> {
    try {
      const outcome = await foldTogether(this.#pool, due, this.#seen)
      for (const followed of outcome.folded) followed.due = false
      return outcome.apart
    } catch (error) {
      // Which of them fails at which event is found by draining each by itself.
      if (isOfTheEvent(error) || isHeldUp(error)) return due.map(({ projection }) => projection)
      throw error
    }
  }

  #where(condition: (followed: Followed) => boolean): Followed[] {
    return [...this.#followed.values()].filter(condition)
  }
}

interface Arrived {
  looked: number
  more: boolean
  events: number
  types: string[] | null
}

interface Claimed {
  name: string
  generation: number
  position: number
  failed_position: number | null
}

// Planning a fold takes longer than folding a few events. A plan that is kept must not scan or hash a table that was
// small when it was made. A table that somebody locks, or a fold that is slow, holds up the others only so long.
const begin = `begin; set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off;
  set local enable_hashjoin = off; set local enable_mergejoin = off;
  set local lock_timeout = '500ms'; set local statement_timeout = '5s'`
/** The two time-outs. */
const isHeldUp = (error: unknown): boolean => isErrorCode(error, '55P03', '57014')

/** Two writes: one to take the checkpoints, and one for all that follows from where they stand. */
async function foldTogether(
  pool: pg.Pool,
  due: readonly Followed[],
  to: number,
): Promise<{ folded: Followed[]; apart: Projection[] }> {
  const client = await pool.connect()
  let broken = true
  try {
    const [, { rows: claimed }] = await inOneWrite(client, () =>
      Promise.all([client.query(begin), client.query<Claimed>(claim(due))]),
    )
    const { folded, apart, statements } = foldingOf(due, claimed, to)
    const answers = await inOneWrite(client, () =>
      Promise.allSettled([...statements, { text: 'commit' }].map((one) => client.query(one))),
    )
    // After an error the commit rolls back; one that has no answer leaves the connection useless.
    broken = answers.at(-1)?.status !== 'fulfilled'
    const failed = answers.find((answer) => answer.status === 'rejected')
    if (failed) throw failed.reason
    return { folded, apart }
  } finally {
    client.release(broken)
  }
}

const claim = (due: readonly Followed[]): pg.QueryConfig => ({
  name: 'nova_claim_projections',
  text: `select name, generation, position, failed_position from nova.projections
         where name = any($1) and status = 'live' for update skip locked`,
  values: [due.map(({ projection }) => projection.name)],
})

/** The statements that fold those whose checkpoints were taken. One that another process folds stays due. */
function foldingOf(due: readonly Followed[], claimed: readonly Claimed[], to: number) {
  const folded: Followed[] = []
  const apart: Projection[] = []
  const moved: string[] = []
  const statements: pg.QueryConfig[] = []
  for (const followed of due) {
    const { projection } = followed
    const { name } = projection
    const checkpoint = claimed.find((one) => one.name === name)
    if (!checkpoint) continue
    const { generation, position, failed_position } = checkpoint
    if (failed_position !== null || to - position > 2 * roundMax) {
      apart.push(projection)
      continue
    }
    folded.push(followed)
    if (position >= to) continue
    moved.push(name)
    statements.push({
      name: `nova_fold_${name}_${generation}`,
      text: projection.fold(projectionTable(name, generation)),
      values: [position, to],
    })
  }
  if (moved.length > 0) {
    statements.push({
      name: 'nova_move_together',
      text: `update nova.projections p set position = $2, failure = null, updated_at = now(),
               events_seen = events_seen + (
                 select count(*) from nova.events e
                 where e.global_position > p.position and e.global_position <= $2)
             where p.name = any($1) and p.status = 'live'`,
      values: [moved, to],
    })
  }
  return { folded, apart, statements }
}
