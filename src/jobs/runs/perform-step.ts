import { chooseSources } from '../../commands/articles/choose-sources.ts'
import { compileResearch } from '../../commands/articles/compile-research.ts'
import { extractUrls } from '../../commands/articles/extract-urls.ts'
import { generateQueries } from '../../commands/articles/generate-queries.ts'
import { selectSources } from '../../commands/articles/select-sources.ts'
import type { Caller, CommandDeps } from '../../commands/handle.ts'
import { isSlow } from '../../commands/runs/run-progress.ts'
import { startOperation } from '../../commands/runs/start-operation.ts'
import { recordServiceUse } from '../../commands/usage/record-service-use.ts'
import { settleToolCall } from '../../commands/usage/tool-calls.ts'
import { isOutcomeUnknown, Refusal } from '../../errors.ts'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import type { SlowTool } from '../../events/articles/slow-tools.ts'
import type { FastRunTool } from '../../events/runs/run-events.ts'
import type { RunStep } from '../../events/runs/run-state.ts'
import type { Log } from '../../log.ts'
import type { LanguageModelPort } from '../../research/models/model-port.ts'
import { costOf, type Prices } from '../../research/models/prices.ts'
import { measureServiceUse, type ServiceUse } from '../../research/service-use.ts'

export interface RunStepDeps extends CommandDeps {
  model: LanguageModelPort | null
  prices: Prices
  log: Log
}

export interface StepOutcome {
  outcome: 'done' | 'nothing' | 'failed'
  /** Why it failed. */
  code: string | null
  costUsd: number | null
}

interface Performed {
  article: ExistingArticle
  step: RunStep
  decidedBy: 'model' | 'heuristic'
  stopping: AbortSignal
}

/**
 * Makes the call of a step, or makes it again. `under_way`: an operation works on it, or one of the same tool
 * does that it waits for. `later`: the user has as many operations as the plan allows. Throws what another
 * try may get over, and leaves the call open for it.
 */
export async function performStep(
  deps: RunStepDeps,
  caller: Caller,
  performed: Performed,
): Promise<StepOutcome | 'under_way' | 'later'> {
  const { step, stopping } = performed
  const begun = performance.now()
  let costUsd: number | null = null
  const settle = (changes: object) =>
    settleToolCall(
      deps,
      caller,
      { callId: step.callId, tool: step.tool, month: step.usageMonth, weight: step.usageWeight },
      {
        outcome: 'completed',
        code: null,
        itemsOk: 0,
        itemsFailed: 0,
        durationMs: performance.now() - begun,
        costUsd,
        refund: null,
        ...changes,
      },
    )
  try {
    const { tool } = step
    const made = isSlow(tool)
      ? await beginOperation(deps, caller, performed, tool)
      : await measureServiceUse(
          () => callFastTool(deps, caller, performed),
          async (uses) => {
            costUsd = costOfUses(deps.prices, uses)
            await recordUses(deps, caller, performed, uses)
          },
        )
    if (made === 'under_way') return made
    await settle(made ? {} : { refund: 'nothing to do' })
    return { outcome: made ? 'done' : 'nothing', code: null, costUsd }
  } catch (error) {
    if (error instanceof Refusal && error.code === 'OPERATIONS_TOO_MANY') return 'later'
    stopping.throwIfAborted()
    if (isWorthAnotherTry(error)) throw error
    const code = error instanceof Refusal ? error.code : 'INTERNAL'
    if (code === 'INTERNAL') deps.log.error({ err: error, tool: step.tool }, 'step of a run failed')
    await settle({ outcome: code === 'INTERNAL' ? 'failed' : 'refused', code, refund: code })
    return { outcome: 'failed', code, costUsd }
  }
}

/** What is the article's end is the run's end, and not a step's. */
const isWorthAnotherTry = (error: unknown): boolean =>
  isOutcomeUnknown(error) ||
  (error instanceof Refusal &&
    (error.retryable || error.code === 'ARTICLE_NOT_FOUND' || error.code === 'ARTICLE_ARCHIVED'))

/** False when there is nothing for the tool to do. */
async function beginOperation(
  deps: RunStepDeps,
  caller: Caller,
  { article: { articleId }, step }: Performed,
  tool: SlowTool,
): Promise<'under_way' | false> {
  const { operation } = await startOperation(deps, caller, {
    articleId,
    tool,
    operationId: step.callId,
    month: step.usageMonth,
    weight: step.usageWeight,
    operationsMax: step.operationsMax,
  })
  return operation ? 'under_way' : false
}

/** As many as a round of an agent has; see generate_next_queries. */
const queriesPerRound = 5
/** Pages read in full; see select_research_sources_to_scrape. */
const chosenMax = 5

/** Whether it had anything to do. Made a second time, a call finds what it did the first time. */
async function callFastTool(
  deps: RunStepDeps,
  caller: Caller,
  { article: { articleId }, step, decidedBy, stopping: signal }: Performed,
): Promise<boolean> {
  const deciding = { ...deps, model: decidedBy === 'model' ? deps.model : null }
  switch (step.tool as FastRunTool) {
    case 'extract_guidelines_urls':
      await extractUrls(deps, caller, { articleId })
      return true
    case 'generate_next_queries': {
      const planned = await generateQueries(deciding, caller, {
        articleId,
        count: queriesPerRound,
        repeats: step.callId,
        signal,
      })
      return planned.queries.some(({ state }) => state === 'waiting')
    }
    case 'select_research_sources_to_keep':
      await selectSources(deciding, caller, { articleId, signal })
      return true
    case 'select_research_sources_to_scrape':
      await chooseSources(deciding, caller, { articleId, max: chosenMax, signal })
      return true
    case 'create_research_file':
      // What failed altogether was a question of the run, and is answered.
      await compileResearch(deps, caller, { articleId, despiteFailures: true })
      return true
  }
}

function costOfUses(prices: Prices, uses: readonly ServiceUse[]): number | null {
  const costs = uses.map((use) => costOf(prices, use)).filter((cost) => cost !== null)
  return costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0)
}

async function recordUses(
  deps: RunStepDeps,
  caller: Caller,
  { article, step }: Performed,
  uses: readonly ServiceUse[],
): Promise<void> {
  const command = { callId: step.callId, articleId: article.articleId, uses }
  await recordServiceUse(deps, caller, command).catch((error: unknown) =>
    deps.log.error({ err: error }, 'service use not recorded'),
  )
}
