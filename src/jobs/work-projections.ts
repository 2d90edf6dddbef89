import type pg from 'pg'
import type { PgBoss } from 'pg-boss'
import type { Log } from '../log.ts'
import type { StreamSignal } from '../store/events/stream-signal.ts'
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
/** A job ends after this in any case, so that a deployment's workers take turns. */
const turnMs = 300_000
/** A process without workers asks at most this often: a worker that was asked polls for longer. */
const askMs = 1000

/**
 * Works the queue of each projection. The job is a lease: its worker drains, then lingers and is woken by
 * the next append of this process, so that a busy projection costs no job per event. `closing` ends it.
 */
export async function workProjections(
  deps: ProjectionWorkDeps,
  projections: readonly Projection[],
  closing: AsyncDisposableStack,
): Promise<{ poke: () => void }> {
  const stopping = new AbortController()
  const leases = projections.map((projection) => new Lease(deps, projection, stopping.signal))
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

class Lease {
  readonly #deps: ProjectionWorkDeps
  readonly #projection: Projection
  readonly #stopping: AbortSignal
  /** Set while this process holds the job. */
  #wakeHolder: (() => void) | null = null
  #woken = false
  #sending = false
  #stoppedAt: number | null = null

  constructor(deps: ProjectionWorkDeps, projection: Projection, stopping: AbortSignal) {
    this.#deps = deps
    this.#projection = projection
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
    const began = Date.now()
    let active = Date.now()
    try {
      while (!this.#stopping.aborted && Date.now() - began < turnMs) {
        const woken = this.#rest()
        this.#woken = false
        const result = await drainProjection(this.#deps.projector, this.#projection, {
          signal: this.#stopping,
        })
        if (result.kind === 'folded' && result.events > 0) active = Date.now()
        if (result.kind === 'stopped') this.#report(result)
        else this.#stoppedAt = null
        if (Date.now() - active > lingerMs) break
        if (!this.#woken) await woken.done
        woken.cancel()
      }
    } finally {
      // Also after a failure: its retry may go to another process, and this one must be able to ask again.
      this.#wakeHolder?.()
      this.#wakeHolder = null
    }
    // An append between the last drain and here found the lease held and sent nothing.
    if (this.#woken && !this.#stopping.aborted) this.wake()
  }

  #rest(): { done: Promise<void>; cancel: () => void } {
    let cancel = () => {}
    const done = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pollMs)
      cancel = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wakeHolder = cancel
    return { done, cancel }
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
