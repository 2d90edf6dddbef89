import { createHash } from 'node:crypto'
import { Refusal } from '../../errors.ts'
import { type ArticleEvent, OperationCancelled } from '../../events/articles/article-events.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import {
  ResearchRunCancelled,
  ResearchRunResumed,
  ResearchRunStarted,
  ResearchRunWebhookSet,
  type RunChoice,
} from '../../events/runs/run-events.ts'
import { isRunOpen, type ResearchRun, type RunBudget } from '../../events/runs/run-state.ts'
import { type AllowedEndpoint, fetchTarget } from '../../sources/fetch/fetch-target.ts'
import { SourceFailure } from '../../sources/source-failure.ts'
import { changeAnyArticle, changeArticle } from '../articles/article-stream.ts'
import type { Caller, CommandDeps } from '../handle.ts'

export interface StartRun {
  articleId: string
  runId: string
  /** The id of the start that this one repeats, because nobody got its answer. */
  repeats?: string | null
  rounds: number
  decidedBy: 'model' | 'heuristic'
  budget: RunBudget
  keepGoing: boolean
  /** Where the user wants to be told how it ends, and what may be reached beside public addresses. */
  webhook?: { url: string; allow: readonly AllowedEndpoint[] } | undefined
}

/** The id of the run that a start with this key of its client begins, however often it is sent. */
export const keyedRunId = (articleId: string, key: string): string =>
  `key-${createHash('sha256')
    .update(JSON.stringify([articleId, key]))
    .digest('hex')
    .slice(0, 32)}`

/** The article's newest run, or undefined before the first. */
export const latestRun = (article: ExistingArticle): ResearchRun | undefined =>
  [...article.runs.values()].at(-1)

/** The run that is at work or waits for an answer. */
export const openRun = (article: ExistingArticle): ResearchRun | undefined =>
  [...article.runs.values()].find(isRunOpen)

/** The run that a start means: one that it, or the start it repeats, began before, else the one that is open. */
const meantRun = ({ runId, repeats }: StartRun, article: ExistingArticle) =>
  article.runs.get(runId) ?? (repeats ? article.runs.get(repeats) : undefined) ?? openRun(article)

/**
 * An article has one run at a time: starting while there is one joins it, and adds nothing. So does a start that is
 * made again, also when its run has ended meanwhile.
 */
export function decideStartRun(
  command: StartRun & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  const { runId, webhook, now } = command
  const meant = meantRun(command, article)
  const set =
    webhook && webhook.url !== meant?.webhook && (!meant || isRunOpen(meant))
      ? [webhookSet(meant?.id ?? runId, webhook, now)]
      : []
  if (meant) return set
  const { calls, costUsd: cost_usd, minutes } = command.budget
  return [
    ResearchRunStarted({
      run_id: command.runId,
      rounds: command.rounds,
      decided_by: command.decidedBy,
      budget: { calls, cost_usd, minutes },
      keep_going: command.keepGoing,
      started_at: command.now.toISOString(),
    }),
    ...set,
  ]
}

/** Throws WEBHOOK_ADDRESS_REFUSED for what can be seen to be no public address; the rest shows when it is dialled. */
function webhookSet(
  runId: string,
  { url, allow }: NonNullable<StartRun['webhook']>,
  now: Date,
): ArticleEvent {
  try {
    fetchTarget(url, allow)
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error
    throw new Refusal('WEBHOOK_ADDRESS_REFUSED', { problem: error.message })
  }
  return ResearchRunWebhookSet({ run_id: runId, url, set_at: now.toISOString() })
}

/** Starts a run, or finds the one that is open; `joined` says which. Throws ARTICLE_ARCHIVED, ARTICLE_NOT_FOUND, WEBHOOK_ADDRESS_REFUSED. */
export async function startRun(deps: CommandDeps, caller: Caller, command: StartRun) {
  const { article, appended } = await changeArticle(deps, caller, command.articleId, (current) =>
    decideStartRun({ ...command, now: deps.now() }, current),
  )
  const run = runOf(article, meantRun(command, article)?.id)
  return { article, run, appended, joined: run.id !== command.runId || appended === null }
}

/** The named run, else the open one, else the newest. Throws RUN_UNKNOWN. */
export function runOf(article: ExistingArticle, runId: string | undefined): ResearchRun {
  const run = runId ? article.runs.get(runId) : (openRun(article) ?? latestRun(article))
  if (!run) throw new Refusal('RUN_UNKNOWN')
  return run
}

export interface AnswerRun {
  articleId: string
  runId?: string | undefined
  /** The number of the question that is answered; the open one when it is left out. */
  question?: number | undefined
  decision: RunChoice
}

/** A question is answered once. Throws RUN_UNKNOWN, RUN_NOT_ASKING, RUN_CHOICE_UNKNOWN. */
export function decideAnswerRun(
  { runId, question: number, decision, now }: AnswerRun & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  const run = runOf(article, runId)
  const { question } = run
  if (!question || (number !== undefined && number !== question.number)) {
    throw new Refusal('RUN_NOT_ASKING', { status: run.status, run_id: run.id })
  }
  if (!question.choices.includes(decision)) {
    throw new Refusal('RUN_CHOICE_UNKNOWN', { choices: question.choices.join(', ') })
  }
  if (decision === 'stop') return cancelledRun(article, run, now)
  return [
    ResearchRunResumed({
      run_id: run.id,
      question: question.number,
      decision,
      by: 'user',
      resumed_at: now.toISOString(),
    }),
  ]
}

export async function answerRun(deps: CommandDeps, caller: Caller, command: AnswerRun) {
  const { article, appended } = await changeArticle(deps, caller, command.articleId, (current) =>
    decideAnswerRun({ ...command, now: deps.now() }, current),
  )
  return { article, appended, run: runOf(article, command.runId ?? latestRun(article)?.id) }
}

interface CancelRun {
  articleId: string
  runId?: string | undefined
}

/** Its operations are asked to end; what they have read stays. Throws RUN_UNKNOWN, RUN_FINISHED. */
export function decideCancelRun(
  { runId, now }: CancelRun & { now: Date },
  article: ExistingArticle,
): ArticleEvent[] {
  const run = runOf(article, runId)
  if (run.status === 'cancelled') return []
  if (run.status === 'finished') throw new Refusal('RUN_FINISHED')
  return cancelledRun(article, run, now)
}

export async function cancelRun(deps: CommandDeps, caller: Caller, command: CancelRun) {
  const { article, appended } = await changeAnyArticle(deps, caller, command.articleId, (current) =>
    decideCancelRun({ ...command, now: deps.now() }, current),
  )
  return { article, appended, run: runOf(article, command.runId ?? latestRun(article)?.id) }
}

/** The end of a run before its time, with the operations that it has at work. */
export function cancelledRun(
  article: ExistingArticle,
  run: ResearchRun,
  now: Date,
): ArticleEvent[] {
  const at = now.toISOString()
  const running = run.steps.filter(
    ({ callId }) => article.operations.get(callId)?.status === 'running',
  )
  return [
    ...running.map(({ callId }) => OperationCancelled({ operation_id: callId, cancelled_at: at })),
    ResearchRunCancelled({ run_id: run.id, cancelled_at: at }),
  ]
}
