import { setTimeout as delay } from 'node:timers/promises'
import { changeArticle, loadAnyArticle } from '../../commands/articles/article-stream.ts'
import type { Caller } from '../../commands/handle.ts'
import { type AskedQuestion, type MoveSettings, nextMove } from '../../commands/runs/next-move.ts'
import { operationOfStep } from '../../commands/runs/run-progress.ts'
import { looked } from '../../commands/usage/call-ledger.ts'
import { admitToolCall, settleToolCall } from '../../commands/usage/tool-calls.ts'
import { Refusal } from '../../errors.ts'
import type { ArticleEvent } from '../../events/articles/article-events.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import {
  ResearchRunFinished,
  ResearchRunPaused,
  ResearchRunResumed,
  ResearchRunStepBegun,
  ResearchRunStepEnded,
  type RunTool,
} from '../../events/runs/run-events.ts'
import type { ResearchRun, RunStep } from '../../events/runs/run-state.ts'
import type { Admission, Limits } from '../../store/usage/admission.ts'
import { callOf, closeCalls } from './close-calls.ts'
import { performStep, type RunStepDeps, type StepOutcome } from './perform-step.ts'
import type { ResearchJob } from './research-queue.ts'
import type { OperationJob } from './send-operation.ts'

export interface RunResearchDeps extends RunStepDeps {
  admission: Admission
  /** The limits of users without a plan. */
  limits: Limits
  enqueue: (job: OperationJob) => Promise<void>
  moves: MoveSettings
  /** Has those told who are to know how the run ended. Sent again, it changes nothing. */
  tell: (job: ResearchJob, run: ResearchRun) => Promise<void>
}

interface Run {
  deps: RunResearchDeps
  job: ResearchJob
  caller: Caller
  stopping: AbortSignal
}

/**
 * Takes a run as far as it comes: until it waits for an operation, for an answer, or is done. Every move is
 * decided from the article's events and is on record before the next, so a run that lost its process goes on
 * where it was, and two processes at one run do nothing twice.
 */
export async function runResearch(
  deps: RunResearchDeps,
  job: ResearchJob,
  stopping: AbortSignal,
): Promise<void> {
  const caller: Caller = {
    userId: job.userId,
    metadata: { actor: 'job', correlation_id: job.runId },
  }
  const run: Run = { deps, job, caller, stopping }
  try {
    while (await move(run)) stopping.throwIfAborted()
  } catch (error) {
    // Erased or archived meanwhile: there is nothing to go on with.
    if (!(error instanceof Refusal && gone.has(error.code))) throw error
  }
}

const gone = new Set(['ARTICLE_NOT_FOUND', 'ARTICLE_ARCHIVED'])

/** Makes the next move; false when there is none to make now. */
async function move(context: Run): Promise<boolean> {
  const { deps, job } = context
  const article = await loadAnyArticle(deps.store, job.userId, job.articleId)
  const run = article.runs.get(job.runId)
  if (!run) return false
  if (run.status === 'cancelled' || article.archived) {
    await closeCalls(deps, context.caller, run, article)
    if (run.status === 'cancelled') await deps.tell(job, run)
    return false
  }
  const next = nextMove(article, run, deps.now(), deps.moves)
  switch (next.do) {
    case 'wait':
      await sendOpenOperations(context, article, run)
      return false
    case 'begin':
      return begin(context, article, next.tools)
    case 'perform':
      return perform(context, article, run, next.step)
    case 'end': {
      const { operation, step } = next
      const outcome = operation.status === 'failed' ? 'failed' : 'done'
      // Somebody ended this operation by itself, and does not want it to begin again.
      const ended = operation.status === 'cancelled' ? 'nothing' : outcome
      await endStep(context, step, { outcome: ended, code: null, costUsd: null })
      return true
    }
    case 'ask':
      await ask(context, next.question)
      return true
    case 'resume':
      await resume(context)
      return true
    case 'finish':
      // Before the end is on record: a process that dies between the two makes this move again.
      await deps.tell(job, run)
      await record(context, (current, now, then) =>
        nextMove(then, current, now, deps.moves).do === 'finish'
          ? [ResearchRunFinished({ run_id: current.id, finished_at: now.toISOString() })]
          : [],
      )
      return false
  }
}

/** Their process may have died between the event and the queue; what is sent already is not sent twice. */
async function sendOpenOperations(
  { deps, job: { userId, articleId } }: Run,
  article: ExistingArticle,
  run: ResearchRun,
): Promise<void> {
  for (const step of run.steps) {
    if (step.state !== 'begun') continue
    const operation = operationOfStep(article, step)
    if (operation) await deps.enqueue({ userId, articleId, operationId: operation.id })
  }
}

type Decide = (run: ResearchRun, now: Date, article: ExistingArticle) => ArticleEvent[]

/** Records what still holds of the run as it is by then. */
function record({ deps, caller, job }: Run, decide: Decide) {
  return changeArticle(deps, caller, job.articleId, (article) => {
    const run = article.runs.get(job.runId)
    return run ? decide(run, deps.now(), article) : []
  })
}

/** Admits the calls and puts them on record. What the quota does not allow is a question. */
async function begin(
  context: Run,
  article: ExistingArticle,
  tools: readonly RunTool[],
): Promise<boolean> {
  const { deps, caller, stopping } = context
  for (const tool of tools) {
    const callId = deps.newId()
    try {
      const call = await admitToolCall(deps, callOf(caller, callId), {
        callId,
        tool,
        articleId: article.articleId,
        defaults: deps.limits,
      })
      await beginStep(context, tool, call)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (error.code === 'RATE_LIMITED') {
        await delay(Number(error.details.retry_after ?? 1) * 1000, undefined, { signal: stopping })
        return true
      }
      if (error.code !== 'QUOTA_EXCEEDED') throw error
      await ask(context, quotaQuestion(tool, error, deps.now()))
      return true
    }
  }
  return true
}

type Call = Awaited<ReturnType<typeof admitToolCall>>

async function beginStep(context: Run, tool: RunTool, call: Call): Promise<void> {
  const { deps, caller } = context
  const { article } = await record(context, (run, now, current) => {
    const next = nextMove(current, run, now, deps.moves)
    if (next.do !== 'begin' && next.do !== 'perform') return []
    if (next.do === 'begin' && !next.tools.includes(tool)) return []
    if (run.steps.some((step) => step.state === 'begun' && step.tool === tool)) return []
    return [
      ResearchRunStepBegun({
        run_id: run.id,
        step: run.steps.length + 1,
        tool,
        call_id: call.callId,
        usage_month: call.month,
        usage_weight: call.weight,
        operations_max: call.concurrentOperations,
        begun_at: now.toISOString(),
      }),
    ]
  })
  const steps = article.runs.get(context.job.runId)?.steps ?? []
  if (steps.some(({ callId }) => callId === call.callId)) return
  // Another process was faster.
  await settleToolCall(deps, callOf(caller, call.callId), call, {
    ...looked,
    outcome: 'cancelled',
    code: null,
    refund: 'the step was taken by another worker',
  })
}

async function perform(
  context: Run,
  article: ExistingArticle,
  run: ResearchRun,
  step: RunStep,
): Promise<boolean> {
  const { deps, caller, stopping } = context
  const outcome = await performStep(deps, callOf(caller, step.callId), {
    article,
    step,
    decidedBy: run.decidedBy,
    stopping,
  })
  if (outcome === 'under_way') return true
  if (outcome === 'later') return false
  await endStep(context, step, outcome)
  return true
}

async function endStep(context: Run, { number }: RunStep, outcome: StepOutcome): Promise<void> {
  await record(context, (run, now) =>
    run.steps.some((step) => step.number === number && step.state === 'begun')
      ? [
          ResearchRunStepEnded({
            run_id: run.id,
            step: number,
            outcome: outcome.outcome,
            code: outcome.code,
            cost_usd: outcome.costUsd,
            ended_at: now.toISOString(),
          }),
        ]
      : [],
  )
}

/** Asks, once. A run that was told to keep going answers itself where going on is a choice. */
const ask = (context: Run, question: AskedQuestion) =>
  record(context, (run, now) => {
    if (run.status !== 'running') return []
    const { kind, tool, code, failed, retryAfterMs } = question
    const number = run.questions + 1
    const paused = ResearchRunPaused({
      run_id: run.id,
      question: number,
      kind,
      tool,
      code,
      failures: [...question.failures],
      failed,
      choices: [...question.choices],
      resumes_at:
        retryAfterMs === null ? null : new Date(now.getTime() + retryAfterMs).toISOString(),
      paused_at: now.toISOString(),
    })
    return run.keepGoing && question.choices.includes('continue')
      ? [paused, resumedBy(run, number, 'continue', 'keep_going', now)]
      : [paused]
  })

const resume = (context: Run) =>
  record(context, (run, now) => {
    const { question } = run
    if (!question?.resumesAt || Date.parse(question.resumesAt) > now.getTime()) return []
    return [resumedBy(run, question.number, 'retry', 'schedule', now)]
  })

const resumedBy = (
  run: ResearchRun,
  question: number,
  decision: 'retry' | 'continue',
  by: 'schedule' | 'keep_going',
  now: Date,
) => ResearchRunResumed({ run_id: run.id, question, decision, by, resumed_at: now.toISOString() })

const quotaQuestion = (tool: RunTool, { code, details }: Refusal, now: Date): AskedQuestion => ({
  kind: 'quota',
  tool,
  code,
  failures: [],
  failed: 0,
  choices: ['retry', 'stop'],
  retryAfterMs: Math.max(1000, Date.parse(String(details.resets_at)) - now.getTime()),
})
