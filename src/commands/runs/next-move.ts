import { isOpen } from '../../events/articles/article-operations.ts'
import type { ExistingArticle, Operation } from '../../events/articles/article-state.ts'
import { guidelineKinds, slowToolFor } from '../../events/articles/slow-tools.ts'
import type { RunChoice, RunPause, RunTool } from '../../events/runs/run-events.ts'
import { isRunOpen, type ResearchRun, type RunStep } from '../../events/runs/run-state.ts'
import { failureOf, isSpent, operationOfStep } from './run-progress.ts'

/** What a run does next. */
export type RunMove =
  /** Calls of these tools are to be admitted and put on record. */
  | { do: 'begin'; tools: readonly RunTool[] }
  /** A call that is on record is to be made, or made again: its process may have died. */
  | { do: 'perform'; step: RunStep }
  /** The operation of a step has ended. */
  | { do: 'end'; step: RunStep; operation: Operation }
  | { do: 'ask'; question: AskedQuestion }
  /** The clock answers the question: the run tries again. */
  | { do: 'resume' }
  | { do: 'finish' }
  /** For an operation, or for an answer. */
  | { do: 'wait' }

export interface AskedQuestion {
  kind: RunPause
  tool: RunTool | null
  code: string | null
  failures: readonly { item: number; reason: string; detail: string | null }[]
  failed: number
  choices: readonly RunChoice[]
  /** Milliseconds until the run tries again by itself; null waits for an answer. */
  retryAfterMs: number | null
}

/** Tries by the clock for one tool; then only a person can say to go on. */
const scheduledMax = 8
const longestPauseMs = 30 * 60_000
/** Failures that a question quotes; the article has all of them. */
const quotedMax = 20

export interface MoveSettings {
  /** Milliseconds before the first try by the clock; each later one waits twice as long. */
  firstPauseMs: number
}

/**
 * The next step of a run, decided from what is on record alone: so any process can take it over at any moment.
 * The owner's rule is here: a step that worked on N items of which none succeeded is a question, and nothing
 * goes on before it is answered.
 */
export function nextMove(
  article: ExistingArticle,
  run: ResearchRun,
  now: Date,
  { firstPauseMs }: MoveSettings,
): RunMove {
  if (!isRunOpen(run)) return { do: 'wait' }
  const begun = run.steps.filter(({ state }) => state === 'begun')
  for (const step of begun) {
    const operation = operationOfStep(article, step)
    if (!operation) return { do: 'perform', step }
    if (!isOpen(operation.status)) return { do: 'end', step, operation }
  }
  if (run.question) {
    const { resumesAt } = run.question
    return resumesAt && Date.parse(resumesAt) <= now.getTime() ? { do: 'resume' } : { do: 'wait' }
  }
  const failed = unresolved(run)
  if (failed) return { do: 'ask', question: questionAbout(article, run, failed, firstPauseMs) }
  const tools = nextTools(article, run).filter((tool) => !begun.some((step) => step.tool === tool))
  if (begun.length > 0 && ![...begun.map(({ tool }) => tool), ...tools].every(isReading)) {
    return { do: 'wait' }
  }
  if (tools.length === 0) return { do: begun.length > 0 ? 'wait' : 'finish' }
  if (!tools.includes('create_research_file') && isSpent(article, run, now)) {
    return { do: 'ask', question: overBudget }
  }
  return { do: 'begin', tools }
}

const search = slowToolFor('queries')
const readChosen = slowToolFor('chosen')

const overBudget: AskedQuestion = {
  kind: 'budget',
  tool: null,
  code: null,
  failures: [],
  failed: 0,
  choices: ['continue', 'retry', 'stop'],
  retryAfterMs: null,
}

/** The newest step of a tool that failed, which nobody has accepted or tried again. */
const unresolved = (run: ResearchRun): RunStep | undefined =>
  run.steps.find(
    (step) =>
      step.state === 'failed' &&
      step.tool !== run.again &&
      !run.without.has(step.tool) &&
      !run.steps.some((later) => later.tool === step.tool && later.number > step.number),
  )

function questionAbout(
  article: ExistingArticle,
  run: ResearchRun,
  step: RunStep,
  firstPauseMs: number,
): AskedQuestion {
  const operation = operationOfStep(article, step)
  if (!operation) {
    const choices: RunChoice[] = mayBeMissing(step.tool)
      ? ['retry', 'continue', 'stop']
      : ['retry', 'stop']
    const { tool, code } = step
    return { ...overBudget, kind: 'step_failed', tool, code, choices }
  }
  const failures = operation.failed.map((item) => failureOf(article, operation.tool, item))
  const again = failures.some(({ retryable }) => retryable)
  const tries = run.scheduled.get(step.tool) ?? 0
  return {
    kind: 'all_failed',
    tool: step.tool,
    code: null,
    failures: failures
      .slice(0, quotedMax)
      .map(({ item, reason, detail }) => ({ item, reason, detail })),
    failed: failures.length,
    choices: again ? ['retry', 'continue', 'stop'] : ['continue', 'stop'],
    retryAfterMs:
      again && tries < scheduledMax ? Math.min(firstPauseMs * 2 ** tries, longestPauseMs) : null,
  }
}

/** Without its links, or without compiling, there is no run to go on with. */
const mayBeMissing = (tool: RunTool): boolean =>
  tool !== 'extract_guidelines_urls' && tool !== 'create_research_file'

/** The tools to call next: of the guideline's sources all kinds at once, everything else one after the other. */
function nextTools(article: ExistingArticle, run: ResearchRun): RunTool[] {
  if (run.again) return [run.again]
  if (run.wrapsUp) return compiling(run)
  if (!article.extracted) return ['extract_guidelines_urls']
  const reading = readingTools(article).filter((tool) => !isOver(run, tool))
  if (reading.length > 0) return reading
  const research = researchTool(article, run) ?? decidingTool(article, run)
  return research ? [research] : compiling(run)
}

/** A tool that failed and was accepted so, or that has found nothing to do, is not called again. */
const isOver = (run: ResearchRun, tool: RunTool): boolean =>
  run.without.has(tool) || lastStep(run, tool)?.state === 'nothing'

const lastStep = (run: ResearchRun, tool: RunTool): RunStep | undefined =>
  run.steps.findLast((step) => step.tool === tool)

/** Those of different kinds are at work side by side. */
const isReading = (tool: RunTool): boolean =>
  guidelineKinds.some((kind) => slowToolFor(kind) === tool)

function readingTools(article: ExistingArticle): RunTool[] {
  const pending = new Set(
    [...article.sources.values()]
      .filter(({ origin, state }) => origin === 'guideline' && state === 'pending')
      .map(({ kind }) => kind),
  )
  return guidelineKinds.filter((kind) => pending.has(kind)).map(slowToolFor)
}

function researchTool(article: ExistingArticle, run: ResearchRun): RunTool | null {
  if (run.without.has(search)) return null
  const waiting = [...article.queries.values()].some(({ state }) => state === 'waiting')
  if (waiting && !isOver(run, search)) return search
  const rounds = article.rounds - run.roundsBefore
  if (rounds >= run.rounds || isOver(run, 'generate_next_queries')) return null
  return 'generate_next_queries'
}

function decidingTool(article: ExistingArticle, run: ResearchRun): RunTool | null {
  const found = [...article.sources.values()].filter(({ origin }) => origin === 'research')
  const after = (tool: RunTool) => lastStep(run, tool)?.number ?? 0
  const undecided = found.some(({ decision }) => decision === null)
  if (undecided && isDue(run, 'select_research_sources_to_keep')) {
    return 'select_research_sources_to_keep'
  }
  const choose = 'select_research_sources_to_scrape'
  const kept = found.some(({ decision }) => decision?.keep)
  const decided = after('select_research_sources_to_keep') > after(choose) || !article.choiceMade
  if (kept && decided && isDue(run, choose)) return choose
  const chosen = found.some(
    ({ chosen: is, state, kind }) => is && state === 'pending' && kind !== 'youtube',
  )
  return chosen && !isOver(run, readChosen) ? readChosen : null
}

/** A decision is made once for what was found; what it left open stays so. */
function isDue(run: ResearchRun, tool: RunTool): boolean {
  if (run.without.has(tool)) return false
  const searched = lastStep(run, search)?.number ?? 0
  const last = lastStep(run, tool)
  return !last || last.state === 'failed' || last.number < searched
}

/** The last step, once: after it nothing of the run changes the article. */
function compiling(run: ResearchRun): RunTool[] {
  const last = run.steps.at(-1)
  const done = last?.tool === 'create_research_file' && !isFailed(last)
  return done ? [] : ['create_research_file']
}

const isFailed = ({ state }: RunStep): boolean => state === 'failed'
