import { Refusal } from '../errors.ts'
import type { Caller, CommandDeps } from './handle.ts'
import { type AdmittedCall, type SettleToolCall, settleToolCall } from './tool-calls.ts'

/** What came of a call. `settle`: default completed, and it counts; `by_job`: its operation settles it. */
interface Outcome {
  settle?: 'by_job' | Partial<SettleToolCall>
}

type SettledCallDeps = Pick<CommandDeps, 'store' | 'now'> & {
  readonly log: { warn(details: object, message: string): void }
}

/**
 * Runs what a call was admitted for and closes its book: one that was refused or broke gives its units back.
 * The answer is the caller's also when the book cannot be closed just now; housekeeping does it then.
 */
export async function settledCall<Answer extends Outcome>(
  deps: SettledCallDeps,
  caller: Caller,
  call: AdmittedCall,
  run: () => Promise<Answer>,
): Promise<Answer> {
  const begun = performance.now()
  const settle = async (settlement: Partial<SettleToolCall>): Promise<void> => {
    try {
      await settleToolCall(deps, caller, call, {
        outcome: 'completed',
        code: null,
        itemsOk: 0,
        itemsFailed: 0,
        costUsd: null,
        refund: null,
        durationMs: performance.now() - begun,
        ...settlement,
      })
    } catch (error) {
      deps.log.warn({ err: error, call_id: call.callId, tool: call.tool }, 'call not settled')
    }
  }
  try {
    const answer = await run()
    if (answer.settle !== 'by_job') await settle(answer.settle ?? {})
    return answer
  } catch (error) {
    if (error instanceof Refusal) {
      await settle({ outcome: 'refused', code: error.code, refund: `refused: ${error.code}` })
    } else {
      await settle({ outcome: 'failed', code: 'INTERNAL', refund: 'internal error' })
    }
    throw error
  }
}
