import { loadAnyArticle, loadArticle } from '../../commands/articles/article-stream.ts'
import type { Caller, CommandDeps } from '../../commands/handle.ts'
import { finishOperation } from '../../commands/runs/finish-operation.ts'
import { isAtWork } from '../../commands/runs/operation-items.ts'
import { openRun } from '../../commands/runs/research-run.ts'
import { settleToolCall } from '../../commands/usage/tool-calls.ts'
import { Refusal } from '../../errors.ts'
import { articleStream, type OperationStarted } from '../../events/articles/article-events.ts'
import { isOpen } from '../../events/articles/article-operations.ts'
import type { ExistingArticle, Operation } from '../../events/articles/article-state.ts'
import { slowTools } from '../../events/articles/slow-tools.ts'
import type { EventOf, StoredEvent } from '../../events/define-event.ts'
import type { EventStore } from '../../store/events/event-store.ts'
import type { ResearchJob } from './research-queue.ts'
import type { OperationJob } from './send-operation.ts'

/** Works one item and records its outcome, good or bad. Throws only when it was aborted, or for a bug. */
export type WorkItem = (context: ItemContext, item: number) => Promise<ExistingArticle>

export interface ItemContext {
  caller: Caller
  articleId: string
  operationId: string
  article: ExistingArticle
  signal: AbortSignal
  /** Records one outcome after the other: items that end at once would only make each other decide again. */
  inTurn: InTurn
}

export interface RunOperationDeps extends CommandDeps {
  /** Told of an article whose operation has ended and whose research run may go on. */
  goOn: (job: ResearchJob) => Promise<void>
  workers: { source: WorkItem; query: WorkItem }
}

/**
 * Runs what is left of an operation. Every item is one commit, so after a crash the next worker goes on
 * with the rest; nothing that was recorded is fetched again.
 */
export async function runOperation(
  deps: RunOperationDeps,
  job: OperationJob,
  stopping: AbortSignal,
): Promise<void> {
  const started = await findStart(deps.store, job)
  if (!started) return
  const caller: Caller = {
    userId: job.userId,
    metadata: { actor: 'job', correlation_id: job.operationId, causation_id: started.eventId },
  }
  try {
    await finishWork(deps, caller, job, stopping)
  } catch (error) {
    if (!isGone(error)) throw error
    // Erased while it was worked on: nothing can be recorded, and the call is closed with what was done.
    const article = await loadAnyArticle(deps.store, job.userId, job.articleId)
    await settle(deps, caller, article, job.operationId)
  }
}

async function finishWork(
  deps: RunOperationDeps,
  caller: Caller,
  job: OperationJob,
  stopping: AbortSignal,
): Promise<void> {
  const { article } = await loadArticle(deps.store, job.userId, job.articleId)
  const operation = article.operations.get(job.operationId)
  if (!operation) return
  if (isOpen(operation.status)) {
    await workItems(deps, { caller, job, article, operation, stopping })
    stopping.throwIfAborted()
  }
  const finished = await finishOperation(deps, caller, job)
  await settle(deps, caller, finished.article, job.operationId)
  const run = openRun(finished.article)
  if (run) await deps.goOn({ userId: job.userId, articleId: job.articleId, runId: run.id })
}

/** The event that led to everything the job records. It is readable also when the article is erased. */
async function findStart(store: EventStore, job: OperationJob) {
  const stream = { userId: job.userId, streamId: articleStream(job.articleId) }
  return (await store.read(stream)).find(
    (event): event is StoredEvent<'OperationStarted', OperationStartedData> =>
      event.type === 'OperationStarted' &&
      (event.data as OperationStartedData).operation_id === job.operationId,
  )
}

type OperationStartedData = EventOf<typeof OperationStarted>['data']

const isGone = (error: unknown): error is Refusal =>
  error instanceof Refusal && error.code === 'ARTICLE_NOT_FOUND'

interface Run {
  caller: Caller
  job: OperationJob
  article: ExistingArticle
  operation: Operation
  stopping: AbortSignal
}

async function workItems(deps: RunOperationDeps, run: Run): Promise<void> {
  const { operation, job, caller } = run
  const { items, concurrency } = slowTools[operation.tool]
  const work = items === 'queries' ? deps.workers.query : deps.workers.source
  const cancelled = new AbortController()
  const done = new AbortController()
  const watching = watchForCancel(deps, run, cancelled, done.signal)
  // Its failure is seen below; unheard until then it would end the process.
  watching.catch(() => cancelled.abort())
  const broken = new AbortController()
  const signal = AbortSignal.any([run.stopping, cancelled.signal, broken.signal])
  const finished = new Set([...operation.succeeded, ...operation.failed])
  const left = operation.items.filter((item) => !finished.has(item))
  const inTurn = createTurns()
  let { article } = run
  const next = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      if (signal.aborted) return
      try {
        const context = {
          caller,
          articleId: job.articleId,
          operationId: job.operationId,
          article,
          signal,
          inTurn,
        }
        article = await work(context, item)
      } catch (error) {
        if (signal.aborted) return
        broken.abort()
        throw error
      }
    }
  }
  // All of them end before the job does: its retry would otherwise work beside what this run left behind.
  const ends = await Promise.allSettled(Array.from({ length: concurrency }, next))
  done.abort()
  await watching
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

/** Aborts the items in flight once the operation is cancelled or its article archived, by whomever. */
async function watchForCancel(
  deps: CommandDeps,
  { job, article: begun, operation }: Run,
  cancelled: AbortController,
  done: AbortSignal,
): Promise<void> {
  if (!isAtWork(begun, operation)) cancelled.abort()
  const stream = { userId: job.userId, streamId: articleStream(job.articleId) }
  while (!done.aborted && !cancelled.signal.aborted) {
    const { article, version } = await loadArticle(deps.store, job.userId, job.articleId)
    const current = article.operations.get(job.operationId)
    if (!current || !isAtWork(article, current)) cancelled.abort()
    else await deps.store.waitForChange(stream, version, { timeoutMs: 10_000, signal: done })
  }
}

async function settle(
  deps: CommandDeps,
  caller: Caller,
  article: ExistingArticle,
  operationId: string,
): Promise<void> {
  const operation = article.operations.get(operationId)
  if (!operation) return
  const { status, tool, usageMonth: month, usageWeight: weight } = operation
  const itemsOk = operation.succeeded.length
  const call = { callId: operationId, tool, month, weight }
  await settleToolCall(deps, caller, call, {
    // One that is open here has lost its article.
    outcome: isOpen(status) ? 'cancelled' : status,
    code: article.erased ? 'ARTICLE_NOT_FOUND' : null,
    itemsOk,
    itemsFailed: operation.failed.length,
    durationMs: deps.now().getTime() - Date.parse(operation.startedAt),
    costUsd: operation.costUsd,
    refund: itemsOk === 0 ? `0 of ${operation.items.length} items succeeded` : null,
  })
}

/** Runs each piece of work when the one before it has ended, well or not. */
type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>

/** A row of work of its own. */
function createTurns(): InTurn {
  let before: Promise<unknown> = Promise.resolve()
  return (work) => {
    const turn = before.then(work, work)
    before = turn
    return turn
  }
}
