import { isOpen } from '../../events/articles/article-operations.ts'
import type { ExistingArticle, Operation } from '../../events/articles/article-state.ts'
import { type SlowTool, slowTools } from '../../events/articles/slow-tools.ts'
import type { RunTool } from '../../events/runs/run-events.ts'
import type { ResearchRun, RunStep } from '../../events/runs/run-state.ts'

export const isSlow = (tool: RunTool): tool is SlowTool => tool in slowTools

/** The operation that a step has begun, or that of another call which it waits for before it begins its own. */
export function operationOfStep(article: ExistingArticle, step: RunStep): Operation | undefined {
  const own = article.operations.get(step.callId)
  if (own || step.state !== 'begun') return own
  return [...article.operations.values()].find(
    (operation) => operation.tool === step.tool && isOpen(operation.status),
  )
}

export interface ItemFailure {
  /** Number of the source, or of the query. */
  item: number
  reason: string
  detail: string | null
  retryable: boolean
}

/** Why an item failed; a query may always be asked again. */
export function failureOf(article: ExistingArticle, tool: SlowTool, item: number): ItemFailure {
  const asked = slowTools[tool].items === 'queries'
  const failure = asked ? article.queries.get(item)?.failure : article.sources.get(item)?.failure
  const retryable = asked || (article.sources.get(item)?.failure?.retryable ?? false)
  return { item, reason: failure?.reason ?? 'INTERNAL', detail: failure?.detail ?? null, retryable }
}

export interface RunSpending {
  /** Units: what the calls of the run count, but for those that found nothing to do. */
  calls: number
  costUsd: number
  /** At work, pauses left out. */
  ms: number
}

export function spendingOf(article: ExistingArticle, run: ResearchRun, now: Date): RunSpending {
  const counted = run.steps.filter(({ state }) => state !== 'nothing')
  const working = run.status === 'running' ? now.getTime() - Date.parse(run.since) : 0
  return {
    calls: counted.reduce((sum, step) => sum + step.usageWeight, 0),
    costUsd: counted.reduce(
      (sum, step) => sum + (article.operations.get(step.callId)?.costUsd ?? 0),
      run.costUsd,
    ),
    ms: run.workedMs + Math.max(0, working),
  }
}

/** Whether one of the run's budgets is used up. */
export function isSpent(article: ExistingArticle, run: ResearchRun, now: Date): boolean {
  const { calls, costUsd, ms } = spendingOf(article, run, now)
  const { budget, grants } = run
  const over = (used: number, limit: number | null) => limit !== null && used >= limit * grants
  return (
    over(calls, budget.calls) || over(costUsd, budget.costUsd) || over(ms / 60_000, budget.minutes)
  )
}
