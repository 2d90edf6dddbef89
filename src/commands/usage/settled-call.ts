import { isOutcomeUnknown, outcomeUnknown, Refusal } from '../../errors.ts'
import type { Caller } from '../handle.ts'
import type { CallLedger } from './call-ledger.ts'
import type { AdmittedCall, SettleToolCall } from './tool-calls.ts'

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
