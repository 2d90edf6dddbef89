import { setTimeout as delay } from 'node:timers/promises'

/**
 * Counts what a process does for its callers, so that a stop can wait for it. Their connections do not tell:
 * a client that hung up has ended its own, and not the call.
 */
export class WorkInHand {
  readonly #running = new Set<Promise<unknown>>()

  /** Runs the work as a part of what is waited for. */
  track<Result>(work: () => Promise<Result>): Promise<Result> {
    const running = work()
    this.#running.add(running)
    const forget = () => void this.#running.delete(running)
    running.then(forget, forget)
    return running
  }

  /** Resolves with how many are left: with none as soon as they have ended, what they began included. */
  async ended(timeoutMs: number): Promise<number> {
    const late = delay(timeoutMs, 'late' as const, { ref: false })
    while (this.#running.size > 0) {
      if ((await Promise.race([Promise.allSettled(this.#running), late])) === 'late') break
    }
    return this.#running.size
  }
}
