import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { PgBoss } from 'pg-boss'
import type { Log } from '../log.ts'
import type { StreamSignal } from '../store/events/stream-signal.ts'
import { ProjectionFollower } from '../store/projections/follow-projections.ts'
import { drainProjection, type Projection } from '../store/projections/projection-step.ts'
import { projectionQueueName } from './queue/job-queues.ts'
import { takeJobs, type WorkingQueue } from './runs/take-jobs.ts'

export interface ProjectionWorkDeps {
  queue: WorkingQueue
  projector: pg.Pool
  signal: StreamSignal
  log: Log
}

/** How long a worker stays with its projection after the last event before it gives the job back. */
const lingerMs = 2000
/** What other processes appended is seen at least this often. */
const pollMs = 200
/** Rounds begin no closer than this to each other, so that the two events of a fast call are mostly folded in one. */
const breathMs = 20
/** A job ends after this in any case, so that a deployment's workers take turns. */
const turnMs = 300_000
/** A process without workers asks at most this often: a worker that was asked polls for longer. */
const askMs = 1000

/**
 * Works the queue of each projection. The job is a lease: its worker drains, then follows the events together with
 * the other projections that this process holds, woken by the next append of this process, so that a busy
 * projection costs no job per event. Without events for two seconds it gives the job back. `closing` ends it.
 */
export async function workProjections(
  deps: ProjectionWorkDeps,
  projections: readonly Projection[],
  closing: AsyncDisposableStack,
): Promise<{ poke: () => void }> {
  const stopping = new AbortController()
  const rounds = new SharedRounds(deps.projector, stopping.signal)
  const leases = projections.map(
    (projection) => new Lease(deps, projection, rounds, stopping.signal),
  )
  const poke = () => {
    for (const lease of leases) lease.wake()
  }
  closing.defer(async () => {
    stopping.abort()
    poke()
    await Promise.all(
      projections.map(({ name }) =>
        deps.queue.boss.offWork(projectionQueueName(name), { wait: true }),
      ),
    )
  })
  for (const lease of leases) await lease.begin()
  closing.defer(deps.signal.onAny(poke))
  return { poke }
}

/** Asks for the work after appends, in a process that takes no jobs. */
export function wakeProjections(
  deps: Pick<ProjectionWorkDeps, 'signal' | 'log'> & { boss: PgBoss },
  projections: readonly { name: string }[],
): { stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  let isDue = false
  const ask = () => {
    isDue = false
    for (const { name } of projections) {
      deps.boss
        .send(projectionQueueName(name), {})
        .catch((error: unknown) => deps.log.warn({ err: error }, 'projection wake-up'))
    }
    timer = setTimeout(() => {
      timer = undefined
      if (isDue) ask()
    }, askMs).unref()
  }
  const unsubscribe = deps.signal.onAny(() => {
    isDue = true
    if (!timer) ask()
  })
  return {
    stop: () => {
      unsubscribe()
      clearTimeout(timer)
    },
  }
}

/** Why a projection is no longer followed with the others. */
type Left = 'over' | 'apart'

interface Member {
  projection: Projection
  /** Called before each look: what is woken later was perhaps not seen. */
  onLook: () => void
  turnEnds: number
  resolve: (left: Left) => void
  reject: (error: unknown) => void
}

/** The rounds in which the projections that this process holds are followed, all of them together. */
class SharedRounds {
  readonly #follower: ProjectionFollower
  readonly #stopping: AbortSignal
  readonly #members = new Map<string, Member>()
  #wake = () => {}
  #running = false

  constructor(projector: pg.Pool, stopping: AbortSignal) {
    this.#follower = new ProjectionFollower(projector)
    this.#stopping = stopping
  }

  wake(): void {
    this.#wake()
  }

  /** Follows a projection from where its drain ended. Throws the database's errors. */
  join(position: number, member: Omit<Member, 'resolve' | 'reject'>): Promise<Left> {
    const { promise, resolve, reject } = Promise.withResolvers<Left>()
    this.#follower.follow(member.projection, position)
    this.#members.set(member.projection.name, { ...member, resolve, reject })
    if (!this.#running) void this.#run()
    this.wake()
    return promise
  }

  async #run(): Promise<void> {
    this.#running = true
    try {
      for (let active = Date.now(); this.#members.size > 0; ) {
        const began = Date.now()
        const rest = restUntil(pollMs, (cancel) => {
          this.#wake = cancel
        })
        for (const { onLook } of this.#members.values()) onLook()
        const { events, more, apart } = await this.#follower.round()
        for (const { name } of apart) this.#leave(name, 'apart')
        if (events > 0) active = Date.now()
        const isOver = this.#stopping.aborted || Date.now() - active > lingerMs
        if (isOver) await this.#follower.moveCheckpoints()
        for (const [name, { turnEnds }] of this.#members) {
          if (isOver || Date.now() > turnEnds) this.#leave(name, 'over')
        }
        if (!more && this.#members.size > 0) await rest
        await delay(Math.max(0, began + breathMs - Date.now()))
      }
    } catch (error) {
      for (const [name, { reject }] of this.#members) {
        reject(error)
        this.#leave(name, 'over')
      }
    } finally {
      this.#running = false
    }
  }

  #leave(name: string, how: Left): void {
    const member = this.#members.get(name)
    if (!member) return
    this.#members.delete(name)
    this.#follower.leave(member.projection)
    member.resolve(how)
  }
}

/** One projection's job: while this process has it, the projection is drained, then followed with the others. */
class Lease {
  readonly #deps: ProjectionWorkDeps
  readonly #projection: Projection
  readonly #rounds: SharedRounds
  readonly #stopping: AbortSignal
  /** Set while this process holds the job. */
  #wakeHolder: (() => void) | null = null
  #woken = false
  #sending = false
  #stoppedAt: number | null = null

  constructor(
    deps: ProjectionWorkDeps,
    projection: Projection,
    rounds: SharedRounds,
    stopping: AbortSignal,
  ) {
    this.#deps = deps
    this.#projection = projection
    this.#rounds = rounds
    this.#stopping = stopping
  }

  async begin(): Promise<void> {
    const queue = projectionQueueName(this.#projection.name)
    const often = { pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 5 }
    await takeJobs(this.#deps.queue, queue, often, () => this.#hold())
    this.wake()
  }

  /** Something was appended: wakes the holder of this process, or asks for the job. */
  wake(): void {
    this.#woken = true
    if (this.#wakeHolder) {
      this.#wakeHolder()
      return
    }
    if (this.#sending || this.#stopping.aborted) return
    this.#sending = true
    this.#deps.queue.boss
      .send(projectionQueueName(this.#projection.name), {})
      .catch((error: unknown) => this.#deps.log.warn({ err: error }, 'projection wake-up'))
      .finally(() => {
        this.#sending = false
      })
  }

  async #hold(): Promise<void> {
    const turnEnds = Date.now() + turnMs
    let active = Date.now()
    const onLook = () => {
      this.#woken = false
    }
    try {
      while (!this.#stopping.aborted && Date.now() < turnEnds) {
        const rest = restUntil(pollMs, (cancel) => {
          this.#wakeHolder = cancel
        })
        onLook()
        const result = await drainProjection(this.#deps.projector, this.#projection, {
          signal: this.#stopping,
        })
        if (result.kind === 'stopped') this.#report(result)
        else this.#stoppedAt = null
        if (result.kind === 'folded') {
          this.#wakeHolder = () => this.#rounds.wake()
          const member = { projection: this.#projection, onLook, turnEnds }
          if ((await this.#rounds.join(result.position, member)) === 'over') break
          active = Date.now()
        } else {
          if (Date.now() - active > lingerMs) break
          if (!this.#woken) await rest
        }
      }
    } finally {
      // Also after a failure: its retry may go to another process, and this one must be able to ask again.
      this.#wakeHolder = null
    }
    // An append between the last look and here found the lease held and sent nothing.
    if (this.#woken && !this.#stopping.aborted) this.wake()
  }

  #report(result: { position: number; failure: string }): void {
    if (this.#stoppedAt === result.position) return
    this.#stoppedAt = result.position
    const { name } = this.#projection
    this.#deps.log.error(
      { projection: name, position: result.position, failure: result.failure },
      'projection stopped before an event it cannot apply',
    )
  }
}

/** Resolves after a time, or when what `onCancel` was given is called. */
function restUntil(ms: number, onCancel: (cancel: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    onCancel(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
