import * as runs from '../../src/events/runs/run-events.ts'
import { at } from './article-facts.ts'

/** Facts about one research run, to build histories from. */
export const runStarted = (options: Partial<Parameters<typeof runs.ResearchRunStarted>[0]> = {}) =>
  runs.ResearchRunStarted({
    run_id: 'run1',
    rounds: 1,
    decided_by: 'heuristic',
    budget: { calls: null, cost_usd: null, minutes: null },
    keep_going: false,
    started_at: at,
    ...options,
  })

export const stepBegun = (step: number, tool: runs.RunTool, callId = `call${step}`, weight = 1) =>
  runs.ResearchRunStepBegun({
    run_id: 'run1',
    step,
    tool,
    call_id: callId,
    usage_month: '2026-05',
    usage_weight: weight,
    operations_max: 0,
    begun_at: at,
  })

export const stepEnded = (
  step: number,
  outcome: 'done' | 'nothing' | 'failed' = 'done',
  costUsd: number | null = null,
  code: string | null = null,
) =>
  runs.ResearchRunStepEnded({
    run_id: 'run1',
    step,
    outcome,
    code,
    cost_usd: costUsd,
    ended_at: at,
  })

/** A fast step that has been made. */
export const stepDone = (step: number, tool: runs.RunTool) => [
  stepBegun(step, tool),
  stepEnded(step),
]

export const runPaused = (options: Partial<Parameters<typeof runs.ResearchRunPaused>[0]> = {}) =>
  runs.ResearchRunPaused({
    run_id: 'run1',
    question: 1,
    kind: 'all_failed',
    tool: 'process_github_urls',
    code: null,
    failures: [],
    failed: 1,
    choices: ['retry', 'continue', 'stop'],
    resumes_at: null,
    paused_at: at,
    ...options,
  })

export const runResumed = (
  decision: 'retry' | 'continue',
  by: 'user' | 'schedule' | 'keep_going' = 'user',
  question = 1,
) => runs.ResearchRunResumed({ run_id: 'run1', question, decision, by, resumed_at: at })

export const runFinished = runs.ResearchRunFinished({ run_id: 'run1', finished_at: at })
export const runCancelled = runs.ResearchRunCancelled({ run_id: 'run1', cancelled_at: at })
