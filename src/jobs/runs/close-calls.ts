import type { Caller, CommandDeps } from '../../commands/handle.ts'
import { looked } from '../../commands/usage/call-ledger.ts'
import { settleToolCall } from '../../commands/usage/tool-calls.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import type { ResearchRun } from '../../events/runs/run-state.ts'

/** What a call does names that call, as when a client makes it. */
export const callOf = (caller: Caller, callId: string): Caller => ({
  ...caller,
  metadata: { ...caller.metadata, correlation_id: callId },
})

/** A run that was cancelled leaves no call open: those whose operation began are settled by its job. */
export async function closeCalls(
  deps: CommandDeps,
  caller: Caller,
  run: ResearchRun,
  article: ExistingArticle,
): Promise<void> {
  const open = run.steps.filter(
    ({ state, callId }) => state === 'begun' && !article.operations.has(callId),
  )
  for (const { callId, tool, usageMonth: month, usageWeight: weight } of open) {
    await settleToolCall(
      deps,
      callOf(caller, callId),
      { callId, tool, month, weight },
      { ...looked, outcome: 'cancelled', code: null, refund: 'the run was cancelled' },
    )
  }
}
