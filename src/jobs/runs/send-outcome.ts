import type { PgBoss } from 'pg-boss'
import { loadAnyArticle } from '../../commands/articles/article-stream.ts'
import type { Caller, CommandDeps } from '../../commands/handle.ts'
import { runView } from '../../commands/runs/run-view.ts'
import { type Try, tellOutcome } from '../../commands/runs/tell-outcome.ts'
import { signedHeaders } from '../../commands/runs/webhook-signature.ts'
import { Refusal } from '../../errors.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import type { OutcomeReceiver } from '../../events/runs/run-events.ts'
import { isRunOpen, type ResearchRun } from '../../events/runs/run-state.ts'
import type { GuardedFetch } from '../../sources/fetch/guarded-fetch.ts'
import { SourceFailure } from '../../sources/source-failure.ts'
import { outcomeQueueName } from '../queue/job-queues.ts'
import type { ResearchJob } from './research-queue.ts'

export interface OutcomeJob extends ResearchJob {
  receiver: OutcomeReceiver
}

/** Where the operator wants to be told, or null. */
export type OperatorWebhook = { readonly url: string; readonly secret: string } | null

/** The queue keeps trying longer than the run's events say; see `triesMax` there. */
const queueTries = 100
const longestPauseSeconds = 3600

/** Has the receivers told how the run ended. A second message for one that is under way is dropped. */
export async function sendOutcome(
  boss: PgBoss,
  job: ResearchJob,
  options: { receivers: readonly OutcomeReceiver[]; firstPauseSeconds: number },
): Promise<void> {
  for (const receiver of options.receivers) {
    await boss.send(outcomeQueueName, { ...job, receiver } satisfies OutcomeJob, {
      singletonKey: `${job.runId}-${receiver}`,
      group: { id: job.userId },
      // The end is on record a moment after this is sent.
      startAfter: 1,
      retryLimit: queueTries,
      retryDelay: options.firstPauseSeconds,
      retryBackoff: true,
      retryDelayMax: longestPauseSeconds,
    })
  }
}

export interface TellingDeps extends CommandDeps {
  /** The guarded one that pages are read with: a webhook reaches no address that a page could not. */
  fetch: GuardedFetch
  operator: OperatorWebhook
  /** The secrets of a user's own webhooks. */
  secretsOf: (userId: string) => readonly string[]
}

/**
 * Tells one receiver how a run ended. Each try is an event. The message has the same id every time, by which a
 * receiver knows it when a process died between its answer and the event. Throws for the queue to try again.
 */
export async function tellReceiver(
  deps: TellingDeps,
  job: OutcomeJob,
  signal: AbortSignal,
): Promise<void> {
  const article = await articleOf(deps, job)
  const run = article?.runs.get(job.runId)
  if (!article || article.erased || !run) return
  // It was sent before the end is on record, so that it cannot be lost between the two.
  if (isRunOpen(run)) throw new Error('the run has not ended yet')
  const address = addressOf(deps, job, run)
  if (!address || (run.telling.get(job.receiver)?.state ?? 'due') !== 'due') return
  const tried = await attempt(deps, job, { article, run, ...address, signal })
  signal.throwIfAborted()
  const caller: Caller = {
    userId: job.userId,
    metadata: { actor: 'job', correlation_id: job.runId },
  }
  const { articleId, runId, receiver } = job
  const state = await tellOutcome(deps, caller, { articleId, runId, receiver, tried })
  if (state === 'due') throw new Error('the receiver did not take it')
}

async function articleOf(deps: TellingDeps, job: OutcomeJob): Promise<ExistingArticle | null> {
  try {
    return await loadAnyArticle(deps.store, job.userId, job.articleId)
  } catch (error) {
    if (error instanceof Refusal && error.code === 'ARTICLE_NOT_FOUND') return null
    throw error
  }
}

function addressOf(deps: TellingDeps, { receiver, userId }: OutcomeJob, run: ResearchRun) {
  if (receiver === 'user') {
    return run.webhook ? { url: run.webhook, secrets: deps.secretsOf(userId) } : null
  }
  return deps.operator && { url: deps.operator.url, secrets: [deps.operator.secret] }
}

interface Message {
  article: ExistingArticle
  run: ResearchRun
  url: string
  secrets: readonly string[]
  signal: AbortSignal
}

/** What a receiver answers is read no further than this, and not used. */
const answerBytesMax = 64 * 1024

async function attempt(
  deps: TellingDeps,
  { userId }: OutcomeJob,
  { article, run, url, secrets, signal }: Message,
): Promise<Try> {
  const now = deps.now()
  const body = JSON.stringify({
    run: { user_id: userId, article_id: article.articleId, ...runView(article, run, now) },
    outcome: run.status,
  })
  const id = `${run.id}-${run.status}`
  try {
    const { status, redirects } = await deps.fetch.fetch({
      url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...signedHeaders(secrets, { id, sentAt: now, body }),
      },
      body,
      maxBytes: answerBytesMax,
      signal,
    })
    // An answer at another address is that of a page, and not of the receiver.
    if (redirects.length > 0) return failed('HTTP_ERROR', 'it redirects', false)
    if (status >= 200 && status < 300) return { sent: true, status }
    return failed('HTTP_ERROR', `status ${status}`, status !== 410)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof SourceFailure)) throw error
    return failed(error.reason, error.detail ?? null, error.retryable)
  }
}

const failed = (reason: string, detail: string | null, retryable: boolean): Try => ({
  sent: false,
  reason,
  detail,
  retryable,
})
