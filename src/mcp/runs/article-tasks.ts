import { loadArticle } from '../../commands/articles/article-stream.ts'
import type { Caller } from '../../commands/handle.ts'
import { cancelOperation } from '../../commands/runs/finish-operation.ts'
import { answerRun, cancelRun } from '../../commands/runs/research-run.ts'
import { runView } from '../../commands/runs/run-view.ts'
import { Refusal } from '../../errors.ts'
import { isOpen } from '../../events/articles/article-operations.ts'
import type { ExistingArticle, Operation } from '../../events/articles/article-state.ts'
import type { ResearchRun } from '../../events/runs/run-state.ts'
import { articleOfOperation } from '../../projections/runs/operations.ts'
import { articleOfRun } from '../../projections/runs/runs.ts'
import type { DetailedTask, Task, TaskSource } from '../protocol/task.ts'
import type { McpDeps } from '../protocol/tool-context.ts'
import { resultOf } from '../protocol/tool-result.ts'
import { operationAnswer } from './operation-answer.ts'
import { runAnswer } from './run-answer.ts'
import { decisionIn, questionForm } from './run-question.ts'

/** Work takes seconds to minutes; a poll reads one stream. */
const kept: Pick<Task, 'ttlMs' | 'pollIntervalMs'> = { ttlMs: null, pollIntervalMs: 2000 }

/** An operation as a task. Its id is the operation's, so that the plain tools take it as well. */
export function operationTask(article: ExistingArticle, operation: Operation): DetailedTask {
  const { id, status, succeeded, failed, items, startedAt, changedAt } = operation
  const task = {
    taskId: id,
    statusMessage: `${operation.tool}: ${succeeded.length + failed.length} of ${items.length} done`,
    createdAt: startedAt,
    lastUpdatedAt: changedAt,
    ...kept,
  }
  if (isOpen(status)) return { ...task, status: 'working' }
  if (status === 'cancelled') return { ...task, status: 'cancelled' }
  return { ...task, status: 'completed', result: resultOf(operationAnswer(article, operation)) }
}

/** A research run as a task. Its question is what the task needs of the client's user. */
export function runTask(article: ExistingArticle, run: ResearchRun, now: Date): DetailedTask {
  const view = runView(article, run, now)
  const step = view.steps.at(-1)
  const task = {
    taskId: run.id,
    statusMessage:
      view.question?.text ?? (step ? `step ${step.step}: ${step.tool}` : 'about to begin'),
    createdAt: run.startedAt,
    lastUpdatedAt: lastChange(article, run),
    ...kept,
  }
  switch (view.status) {
    case 'running':
      return { ...task, status: 'working' }
    case 'paused':
      return view.question
        ? { ...task, status: 'input_required', inputRequests: questionForm(view.question) }
        : { ...task, status: 'working' }
    case 'finished':
      return { ...task, status: 'completed', result: resultOf(runAnswer(view)) }
    case 'cancelled':
      return { ...task, status: 'cancelled' }
  }
}

/** Its own, or that of an operation it waits for: whichever is later. */
function lastChange(article: ExistingArticle, run: ResearchRun): string {
  const operations = run.steps.flatMap(({ callId }) => article.operations.get(callId) ?? [])
  const times = [run.changedAt, ...operations.map(({ changedAt }) => changedAt)]
  return times.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? run.changedAt
}

/** The operations and research runs of one user as tasks. Each request reads the article anew, so any server answers. */
export function articleTasks(deps: McpDeps, caller: Caller): TaskSource {
  const { userId } = caller
  const find = async (taskId: string) => {
    const articleId =
      (await articleOfOperation(deps.reader, userId, taskId)) ??
      (await articleOfRun(deps.reader, userId, taskId))
    if (!articleId) return null
    const { article } = await loadArticle(deps.store, userId, articleId)
    const [operation, run] = [article.operations.get(taskId), article.runs.get(taskId)]
    return operation || run ? { article, articleId, operation, run } : null
  }
  const found = async <Answer>(
    taskId: string,
    use: (task: NonNullable<Awaited<ReturnType<typeof find>>>) => Promise<Answer>,
  ): Promise<Answer | null> => {
    try {
      const task = await find(taskId)
      return task && (await use(task))
    } catch (error) {
      if (error instanceof Refusal && error.code === 'ARTICLE_NOT_FOUND') return null
      throw error
    }
  }
  return {
    get: (taskId) =>
      found(taskId, async ({ article, operation, run }) => {
        if (operation) return operationTask(article, operation)
        return run ? runTask(article, run, deps.now()) : null
      }),
    update: async (taskId, responses) =>
      (await found(taskId, async ({ articleId, run }) => {
        const told = run && decisionIn(responses)
        if (!told) return true
        const command = { articleId, runId: run.id, ...told }
        await unless('RUN_NOT_ASKING', () => answerRun(deps, caller, command))
        await deps.runs.goOn({ userId, articleId, runId: run.id })
        return true
      })) ?? false,
    cancel: async (taskId) =>
      (await found(taskId, async ({ articleId, operation, run }) => {
        if (operation) {
          const command = { articleId, operationId: operation.id }
          await unless('OPERATION_FINISHED', () => cancelOperation(deps, caller, command))
          await deps.operations.enqueue({ userId, ...command })
        } else if (run) {
          await unless('RUN_FINISHED', () => cancelRun(deps, caller, { articleId, runId: run.id }))
          await deps.runs.goOn({ userId, articleId, runId: run.id })
        }
        return true
      })) ?? false,
  }
}

/** What came too late is no mistake of the client's: it sees how the task has ended. */
async function unless(code: Refusal['code'], act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof Refusal && error.code === code)) throw error
  }
}
