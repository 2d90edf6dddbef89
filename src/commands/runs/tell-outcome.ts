import type { ArticleEvent } from '../../events/articles/article-events.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import {
  type OutcomeReceiver,
  ResearchRunOutcomeNotSent,
  ResearchRunOutcomeSent,
} from '../../events/runs/run-events.ts'
import { isRunOpen } from '../../events/runs/run-state.ts'
import { changeAnyArticle } from '../articles/article-stream.ts'
import type { Caller, CommandDeps } from '../handle.ts'

/** What came of one try to tell how a run ended. */
export type Try =
  | { sent: true; status: number }
  | { sent: false; reason: string; detail: string | null; retryable: boolean }

export interface TellOutcome {
  articleId: string
  runId: string
  receiver: OutcomeReceiver
  tried: Try
}

/** Tries in all; with waits that double from five seconds the last is after some three hours. */
const triesMax = 12

/** One event for each try; nothing once it is told or given up, so that a late worker adds nothing. */
export function decideTellOutcome(
  { runId, receiver, tried, now }: TellOutcome & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  const run = article.runs.get(runId)
  const telling = run?.telling.get(receiver)
  if (!run || isRunOpen(run) || (telling && telling.state !== 'due')) return []
  const attempt = (telling?.attempts ?? 0) + 1
  const at = now.toISOString()
  if (tried.sent) {
    const { status } = tried
    return [ResearchRunOutcomeSent({ run_id: runId, receiver, attempt, status, sent_at: at })]
  }
  const { reason, detail, retryable } = tried
  return [
    ResearchRunOutcomeNotSent({
      run_id: runId,
      receiver,
      attempt,
      reason,
      detail,
      gave_up: !retryable || attempt >= triesMax,
      tried_at: at,
    }),
  ]
}

export async function tellOutcome(deps: CommandDeps, caller: Caller, command: TellOutcome) {
  const { article } = await changeAnyArticle(deps, caller, command.articleId, (current) =>
    decideTellOutcome({ ...command, now: deps.now() }, current),
  )
  return article.runs.get(command.runId)?.telling.get(command.receiver)?.state ?? 'due'
}
