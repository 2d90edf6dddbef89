import { setTimeout as delay } from 'node:timers/promises'
import { Refusal } from '../../errors.ts'
import { freeBuffersSoon } from '../../store/contents/free-buffers.ts'

export interface BodyBudgetLimits {
  /** Bytes of all bodies that are in memory at once. One larger body is taken when it is alone. */
  bytesMax: number
  /** The same of one user. */
  bytesOfUserMax: number
  /** How long a body waits, unread, for others to be done. */
  waitMs: number
  /** Bodies of one user that wait. */
  waitingOfUserMax: number
}

/** The largest upload, 50 MB and its parts' headers, once for a user and nearly twice for a process. */
const usual: BodyBudgetLimits = {
  bytesMax: 96 * 1024 * 1024,
  bytesOfUserMax: 52 * 1024 * 1024,
  waitMs: 20_000,
  waitingOfUserMax: 20,
}

interface Body {
  userId: string
  bytes: number
}

interface WaitingBody extends Body {
  letIn: () => void
}

/**
 * Bounds what large bodies take of a process's memory, from before the first byte is read until what they
 * brought is stored. A body that does not fit waits on its connection, where it costs its sender's memory;
 * those of one user wait for each other and do not hold up those of others.
 */
export class BodyBudget {
  readonly #limits: BodyBudgetLimits
  readonly #held = new Set<Body>()
  readonly #waiting: WaitingBody[] = []

  constructor(limits: Partial<BodyBudgetLimits> = {}) {
    this.#limits = { ...usual, ...limits }
  }

  /** Resolves once the body may be read; disposing of the result lets the next one be read. Throws UPLOADS_TOO_MANY. */
  async hold(userId: string, bytes: number): Promise<Disposable> {
    const body: Body = { userId, bytes }
    const isNext = this.#waiting.every((other) => other.userId !== userId && !this.#fitsUser(other))
    if (isNext && this.#fits(body)) return this.#letIn(body)
    const own = this.#waiting.filter((other) => other.userId === userId).length
    if (own >= this.#limits.waitingOfUserMax) throw this.#tooMany(body)
    const { promise, resolve } = Promise.withResolvers<Disposable>()
    const waiting: WaitingBody = { ...body, letIn: () => resolve(this.#letIn(body)) }
    this.#waiting.push(waiting)
    const timeUp = new AbortController()
    const late = delay(this.#limits.waitMs, 'late' as const, { signal: timeUp.signal, ref: false })
    late.catch(() => {})
    const held = await Promise.race([promise, late])
    timeUp.abort()
    if (held !== 'late') return held
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
    this.#letInWaiting()
    throw this.#tooMany(body)
  }

  #letIn(body: Body): Disposable {
    this.#held.add(body)
    return {
      [Symbol.dispose]: () => {
        this.#held.delete(body)
        freeBuffersSoon(body.bytes)
        this.#letInWaiting()
      },
    }
  }

  /** Who came first goes first, but for those whose own user has to wait. */
  #letInWaiting(): void {
    const passed = new Set<string>()
    for (const body of [...this.#waiting]) {
      if (passed.has(body.userId)) continue
      if (this.#fits(body)) {
        this.#waiting.splice(this.#waiting.indexOf(body), 1)
        body.letIn()
      } else if (this.#fitsUser(body)) {
        // It waits for the process: were others let past it, a large body might wait for ever.
        return
      } else passed.add(body.userId)
    }
  }

  #fits(body: Body): boolean {
    const all = sum(this.#held)
    return this.#fitsUser(body) && (all === 0 || all + body.bytes <= this.#limits.bytesMax)
  }

  #fitsUser({ userId, bytes }: Body): boolean {
    const own = sum([...this.#held].filter((other) => other.userId === userId))
    return own === 0 || own + bytes <= this.#limits.bytesOfUserMax
  }

  #tooMany(body: Body): Refusal {
    const whose = this.#fitsUser(body) ? 'server' : 'user'
    return new Refusal('UPLOADS_TOO_MANY', { whose, retry_after: 10 })
  }
}

const sum = (bodies: Iterable<Body>): number => {
  let bytes = 0
  for (const body of bodies) bytes += body.bytes
  return bytes
}
