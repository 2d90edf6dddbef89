import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isOutcomeUnknown, outcomeUnknown, Refusal } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { CallEffects } from '../../store/usage/call-effects.ts'
import type { Caller, CommandDeps } from '../handle.ts'
import { type AdmittedCall, type SettleToolCall, settleToolCall } from './tool-calls.ts'

type Call = Pick<AdmittedCall, 'callId' | 'tool' | 'month' | 'weight'>

interface OpenCall {
  caller: Caller
  call: Call
  /** Null: whether it did anything is not known, and is looked up. */
  settlement: SettleToolCall | null
  /** As performance.now() gives it. */
  since: number
}

export interface CallLedgerDeps extends Pick<CommandDeps, 'store' | 'now'> {
  effects: CallEffects
  log: Pick<Log, 'warn'>
}

/** An answer is not held up longer than this by its own bookkeeping. */
const settledWithinMs = 2000
const firstPauseMs = 250
const longestPauseMs = 30_000
/** Then housekeeping, which looks for calls that are open, has them. */
const longestMs = 15 * 60_000
const openMax = 10_000
/** A statement whose answer was lost has ended by then: the server gives it 30 seconds. */
const certainMs = 40_000
const dayMs = 86_400_000
const lastRoundMs = 3000
/** Calls whose answers were lost that are remembered, for their repetition. */
const lostMax = 1000
const lostMs = 3_600_000

/**
 * Settles calls: at once, else again and again with growing waits, and a last time when the server stops. When it
 * is not known what a call did, its events are looked up before it is settled or given back.
 */
export class CallLedger {
  readonly #deps: CallLedgerDeps
  readonly #certainMs: number
  readonly #open = new Set<OpenCall>()
  readonly #attempts = new Set<Promise<void>>()
  readonly #lost = new Map<string, { callId: string; at: number }>()
  readonly #stopping = new AbortController()
  #working: Promise<void> | null = null

  constructor(deps: CallLedgerDeps, options: { certainMs?: number } = {}) {
    this.#deps = deps
    this.#certainMs = options.certainMs ?? certainMs
  }

  /** Resolves once the call is settled or will be: never throws, and takes two seconds at most. */
  async settle(caller: Caller, call: Call, settlement: SettleToolCall): Promise<void> {
    const open: OpenCall = { caller, call, settlement, since: performance.now() }
    const attempt = this.#close(open).then((closed) => {
      if (!closed) this.#keep(open)
    })
    this.#attempts.add(attempt)
    void attempt.finally(() => this.#attempts.delete(attempt))
    await Promise.race([attempt, delay(settledWithinMs, undefined, { ref: false })])
  }

  /** Whether it did anything is not known: it is found out, and the call settled or given back by that. */
  findOut(caller: Caller, call: Call, key: string): void {
    this.#remember(call, key)
    this.#keep({ caller, call, settlement: null, since: performance.now() })
  }

  /** Whether the client was still there for the answer: when it was not, the same call again repeats this one. */
  answered(call: Call, key: string, isHeard: boolean): void {
    if (isHeard) this.#lost.delete(key)
    else this.#remember({ callId: this.lostBefore(key) ?? call.callId }, key)
  }

  #remember({ callId }: Pick<Call, 'callId'>, key: string): void {
    this.#lost.delete(key)
    this.#lost.set(key, { callId, at: performance.now() })
    const [oldest] = this.#lost.keys()
    if (this.#lost.size > lostMax && oldest !== undefined) this.#lost.delete(oldest)
  }

  /** The call that this one repeats, when its answer was lost within the hour; see `callKey`. */
  lostBefore(key: string): string | null {
    const lost = this.#lost.get(key)
    return lost && performance.now() - lost.at < lostMs ? lost.callId : null
  }

  /** Settles what is left, as far as that can be done in three seconds. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    const settled = async () => {
      await Promise.all(this.#attempts)
      await this.#working
      await this.#round()
    }
    await Promise.race([settled(), delay(lastRoundMs, undefined, { ref: false })])
    if (this.#open.size === 0) return
    this.#deps.log.warn({ calls: this.#open.size }, 'calls are left open for housekeeping')
  }

  #keep(open: OpenCall): void {
    if (this.#open.size >= openMax) {
      this.#deps.log.warn({ call_id: open.call.callId }, 'call left open for housekeeping')
      return
    }
    this.#open.add(open)
    if (this.#stopping.signal.aborted) return
    this.#working ??= this.#work().finally(() => {
      this.#working = null
    })
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping
    for (let pause = firstPauseMs; this.#open.size > 0; ) {
      await delay(pause, undefined, { signal, ref: false }).catch(() => {})
      if (signal.aborted) return
      pause = (await this.#round()) ? firstPauseMs : Math.min(2 * pause, longestPauseMs)
    }
  }

  /** Tries each open call once; false when some stay open. A database that is away is asked once. */
  async #round(): Promise<boolean> {
    let all = true
    for (const open of this.#open) {
      const isOver = performance.now() - open.since > longestMs
      if (isOver || (await this.#close(open))) this.#open.delete(open)
      else if (open.settlement) return false
      else all = false
    }
    return all
  }

  /** Whether there is nothing more to do for the call. */
  async #close({ caller, call, settlement, since }: OpenCall): Promise<boolean> {
    try {
      const found = settlement ?? (await this.#found(caller, call, since))
      if (found === 'by_job') return true
      if (found === 'not_yet') return false
      await settleToolCall(this.#deps, caller, call, found)
      return true
    } catch (error) {
      const { callId: call_id, tool } = call
      this.#deps.log.warn({ err: error, call_id, tool }, 'call not settled')
      return !(error instanceof Refusal && error.retryable)
    }
  }

  async #found(
    { userId }: Caller,
    { callId }: Call,
    since: number,
  ): Promise<SettleToolCall | 'by_job' | 'not_yet'> {
    const yesterday = new Date(this.#deps.now().getTime() - dayMs)
    const { found, operationOf } = await this.#deps.effects.of(userId, callId, yesterday)
    if (operationOf) return 'by_job'
    if (found) return { ...looked, outcome: 'completed', code: 'ANSWER_LOST' }
    // It may still be running.
    if (performance.now() - since < this.#certainMs) return 'not_yet'
    return { ...looked, outcome: 'failed', code: 'DATABASE_UNAVAILABLE', refund: noEffect }
  }
}

/** What is known of a call that was settled by what is on record of it. */
export const looked: Omit<SettleToolCall, 'outcome' | 'code'> = {
  itemsOk: 0,
  itemsFailed: 0,
  durationMs: 0,
  costUsd: null,
  refund: null,
}

/** Why a call is given back when all that is known is that none of its events is on record. */
export const noEffect = 'no change by this call is on record'

/** Calls of one user with one key are the same call: a retry, or somebody who wants it twice. */
export const callKey = (userId: string, tool: string, args: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([userId, tool, args]))
    .digest('base64')

/** What came of a call. `settle`: default completed, and it counts; `by_job`: its operation settles it. */
interface Outcome {
  settle?: 'by_job' | Partial<SettleToolCall>
}

/**
 * Runs what a call was admitted for and closes its book: one that was refused gives its units back, unless
 * the refusal took the whole work, and so does one that broke, unless it has changed something or it is not
 * known. The answer is the caller's also when the book cannot be closed just now. `repeats`: the same call,
 * whose answer was lost; see `callKey`.
 */
export async function settledCall<Answer extends Outcome>(
  { ledger }: { ledger: CallLedger },
  caller: Caller,
  { call, key }: { call: AdmittedCall; key: string },
  run: (repeats: string | null) => Promise<Answer>,
): Promise<Answer> {
  const begun = performance.now()
  const settle = (settlement: Partial<SettleToolCall>): Promise<void> =>
    ledger.settle(caller, call, {
      outcome: 'completed',
      code: null,
      itemsOk: 0,
      itemsFailed: 0,
      costUsd: null,
      refund: null,
      durationMs: performance.now() - begun,
      ...settlement,
    })
  try {
    const answer = await run(ledger.lostBefore(key))
    if (answer.settle !== 'by_job') await settle(answer.settle ?? {})
    return answer
  } catch (error) {
    if (isOutcomeUnknown(error)) {
      ledger.findOut(caller, call, key)
      if ('article_id' in error.details) throw error
      const hint = 'Call again with the same arguments: what was done is found, and not done twice.'
      throw outcomeUnknown(error.cause, { hint })
    }
    if (error instanceof Refusal) {
      const refund = error.workDone ? null : `refused: ${error.code}`
      await settle({ outcome: 'refused', code: error.code, refund })
    } else {
      await settle({ outcome: 'failed', code: 'INTERNAL', refund: 'internal error' })
    }
    throw error
  }
}
