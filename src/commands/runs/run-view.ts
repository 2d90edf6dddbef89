import { z } from 'zod'
import type { ExistingArticle } from '../../events/articles/article-state.ts'
import { slowToolFor } from '../../events/articles/slow-tools.ts'
import { type RunChoice, runChoices, runPauses, runTools } from '../../events/runs/run-events.ts'
import type { ResearchRun, RunQuestion, RunStep } from '../../events/runs/run-state.ts'
import { visibleLine } from '../../visible-text.ts'
import { spendingOf } from './run-progress.ts'

/** A research run as every door shows it. Labels are words of others. */
export const runSchema = () =>
  z.object({
    run_id: z.string(),
    status: z.enum(['running', 'paused', 'finished', 'cancelled']),
    steps: z.array(
      z.object({
        step: z.int(),
        tool: z.enum(runTools),
        state: z.enum(['begun', 'done', 'nothing', 'failed']),
        total: z.int(),
        succeeded: z.int(),
        failed: z.int(),
        note: z.string().describe('What came of it.'),
      }),
    ),
    question: z
      .object({
        question: z.int(),
        kind: z.enum(runPauses),
        tool: z.string().nullable(),
        text: z.string(),
        choices: z.array(z.enum(runChoices)),
        failures: z.array(z.object({ item: z.int(), label: z.string(), failure: z.string() })),
        failed: z.int(),
        resumes_at: z.string().nullable(),
      })
      .nullable(),
    rounds: z.int(),
    calls: z.int(),
    cost_usd: z.number(),
    minutes: z.number(),
    started_at: z.string(),
    ended_at: z.string().nullable(),
  })

export type RunView = z.infer<ReturnType<typeof runSchema>>

export function runView(article: ExistingArticle, run: ResearchRun, now: Date): RunView {
  const spent = spendingOf(article, run, now)
  return {
    run_id: run.id,
    status: run.status,
    steps: run.steps.map((step) => stepView(article, run, step)),
    question: run.question && questionView(article, run.question),
    rounds: run.rounds,
    calls: spent.calls,
    cost_usd: spent.costUsd,
    minutes: Math.round(spent.ms / 6_000) / 10,
    started_at: run.startedAt,
    ended_at: run.endedAt,
  }
}

function stepView(
  article: ExistingArticle,
  run: ResearchRun,
  step: RunStep,
): RunView['steps'][number] {
  const operation = article.operations.get(step.callId)
  return {
    step: step.number,
    tool: step.tool,
    state: step.state,
    total: operation?.items.length ?? 0,
    succeeded: operation?.succeeded.length ?? 0,
    failed: operation?.failed.length ?? 0,
    note: stepNote(article, run, step),
  }
}

/** What came of a step that has ended, in a line; empty where numbers say it all. */
export function stepNote(article: ExistingArticle, run: ResearchRun, step: RunStep): string {
  if (step.state === 'begun') return ''
  if (step.state === 'failed') return step.code ?? ''
  const sources = [...article.sources.values()]
  switch (step.tool) {
    case 'extract_guidelines_urls': {
      const links = sources.filter(({ origin }) => origin === 'guideline').length
      return `${links} links, ${article.expectedFiles.length} local files`
    }
    case 'generate_next_queries': {
      const round = run.roundsBefore + plansUntil(run, step)
      const queries = [...article.queries.values()].filter((query) => query.round === round)
      return queries.map(({ query }) => `“${visibleLine(query, 200)}”`).join(', ')
    }
    case 'select_research_sources_to_keep': {
      const decided = sources.flatMap(({ decision }) => (decision ? [decision.keep] : []))
      const kept = decided.filter(Boolean).length
      return `${kept} kept, ${decided.length - kept} rejected`
    }
    case 'select_research_sources_to_scrape':
      return `${sources.filter(({ chosen }) => chosen).length} chosen`
    case 'create_research_file':
      return article.compiled ? `${article.compiled.research.size} bytes` : ''
    default: {
      const asked = article.operations.get(step.callId)?.succeeded ?? []
      if (step.tool !== slowToolFor('queries')) return ''
      const found = new Set(asked.flatMap((number) => article.queries.get(number)?.found ?? []))
      return `${found.size} pages found`
    }
  }
}

/** How many rounds the run had planned by the end of a step. */
const plansUntil = (run: ResearchRun, step: RunStep): number =>
  run.steps.filter(
    ({ tool, state, number }) => tool === step.tool && state === 'done' && number <= step.number,
  ).length

function questionView(article: ExistingArticle, question: RunQuestion): RunView['question'] {
  const { tool } = question
  const asked = tool === slowToolFor('queries')
  return {
    question: question.number,
    kind: question.kind,
    tool,
    text: questionText(question),
    choices: [...question.choices],
    failures: question.failures.map(({ item, reason, detail }) => ({
      item,
      label: visibleLine(
        (asked ? article.queries.get(item)?.query : article.sources.get(item)?.url) ?? String(item),
        300,
      ),
      failure: detail ? `${reason} (${visibleLine(detail, 200)})` : reason,
    })),
    failed: question.failed,
    resumes_at: question.resumesAt,
  }
}

/** The question in words of ours, for a client that asks a person. */
function questionText({ kind, tool, code, failed, resumesAt }: RunQuestion): string {
  const later = resumesAt ? ` It is tried again by itself at ${resumesAt}.` : ''
  switch (kind) {
    case 'all_failed':
      return `${tool}: 0 of ${failed} succeeded.${later}`
    case 'step_failed':
      return `${tool} was refused: ${code}.${later}`
    case 'quota':
      return `The quota of calls is used up before ${tool}.${later}`
    case 'budget':
      return 'The budget of this run is spent.'
  }
}

/** What each choice means for the question, in the words of a button. */
export function choiceLabel(choice: RunChoice, kind: RunQuestion['kind']): string {
  if (choice === 'stop') return 'Stop the run'
  if (kind === 'budget') return choice === 'retry' ? 'Spend as much again' : 'Compile what is there'
  return choice === 'retry' ? 'Try again' : 'Go on without'
}
