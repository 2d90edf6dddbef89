import { z } from 'zod'
import { type SlowTool, slowToolNames } from '../articles/slow-tools.ts'
import { defineEvent, type EventOf, instant } from '../define-event.ts'

/** The tools of a run that answer at once, in the order in which it first calls them. */
const fastRunTools = [
  'extract_guidelines_urls',
  'generate_next_queries',
  'select_research_sources_to_keep',
  'select_research_sources_to_scrape',
  'create_research_file',
] as const

/** The tools that a research run calls. */
export const runTools: readonly (FastRunTool | SlowTool)[] = [...fastRunTools, ...slowToolNames]
export type FastRunTool = (typeof fastRunTools)[number]
export type RunTool = FastRunTool | SlowTool

/** What a person can answer to a run that has paused. */
export const runChoices = ['retry', 'continue', 'stop'] as const
export type RunChoice = (typeof runChoices)[number]

export const runPauses = ['all_failed', 'step_failed', 'quota', 'budget'] as const
export type RunPause = (typeof runPauses)[number]

const runId = () => z.string().min(1).max(64)
const ordinal = () => z.number().int().min(1)
const tool = () => z.enum(runTools)
const code = () => z.string().regex(/^[A-Z][A-Z_]{1,40}$/)

/** A run takes an article from wherever it is to research.md. One at a time per article. */
export const ResearchRunStarted = defineEvent('ResearchRunStarted', {
  run_id: runId(),
  /** Rounds of web research, besides those that the article has had. */
  rounds: z.number().int().min(0).max(10),
  /** Who plans, judges and chooses: the model where there is one, or always the documented heuristics. */
  decided_by: z.enum(['model', 'heuristic']),
  /** Null is no limit. */
  budget: z.strictObject({
    calls: z.number().int().min(1).nullable(),
    cost_usd: z.number().positive().nullable(),
    minutes: z.number().int().min(1).nullable(),
  }),
  /** Whether it goes on by itself without what failed altogether. */
  keep_going: z.boolean(),
  started_at: instant(),
})

/** A tool call of the run, on record before it is made: a worker that takes the run over makes that call and no other. */
export const ResearchRunStepBegun = defineEvent('ResearchRunStepBegun', {
  run_id: runId(),
  step: ordinal(),
  tool: tool(),
  call_id: z.string().min(1).max(64),
  /** The month whose usage stream holds the call, and what it counts there. */
  usage_month: z.string().regex(/^\d{4}-\d{2}$/),
  usage_weight: z.number().int().min(0),
  /** How many operations the user's plan lets run at once; 0 is any number. */
  operations_max: z.number().int().min(0),
  begun_at: instant(),
})

/** `nothing`: there was nothing to do, and the call does not count. `code` says why a step failed. */
export const ResearchRunStepEnded = defineEvent('ResearchRunStepEnded', {
  run_id: runId(),
  step: ordinal(),
  outcome: z.enum(['done', 'nothing', 'failed']),
  code: code().nullable(),
  /** What the services that worked for it cost, as far as prices are known. */
  cost_usd: z.number().min(0).nullable(),
  ended_at: instant(),
})

/** A question to the user. `failures` are numbers of sources or queries with the codes they failed with. */
export const ResearchRunPaused = defineEvent('ResearchRunPaused', {
  run_id: runId(),
  question: ordinal(),
  kind: z.enum(runPauses),
  tool: tool().nullable(),
  code: code().nullable(),
  failures: z
    .array(
      z.strictObject({ item: ordinal(), reason: code(), detail: z.string().max(500).nullable() }),
    )
    .max(50),
  /** All that failed; `failures` names the first of them. */
  failed: z.number().int().min(0),
  choices: z.array(z.enum(runChoices)).min(1),
  /** When the run tries again by itself; null waits for an answer. */
  resumes_at: instant().nullable(),
  paused_at: instant(),
})

export const ResearchRunResumed = defineEvent('ResearchRunResumed', {
  run_id: runId(),
  question: ordinal(),
  decision: z.enum(['retry', 'continue']),
  /** `schedule`: its time had come. `keep_going`: the run was started so. */
  by: z.enum(['user', 'schedule', 'keep_going']),
  resumed_at: instant(),
})

export const ResearchRunFinished = defineEvent('ResearchRunFinished', {
  run_id: runId(),
  finished_at: instant(),
})

export const ResearchRunCancelled = defineEvent('ResearchRunCancelled', {
  run_id: runId(),
  cancelled_at: instant(),
})

/** Whose address is told how a run ended. */
export const outcomeReceivers = ['operator', 'user'] as const
export type OutcomeReceiver = (typeof outcomeReceivers)[number]

/** Where the user wants to be told. A later one replaces it. */
export const ResearchRunWebhookSet = defineEvent('ResearchRunWebhookSet', {
  run_id: runId(),
  url: z.string().min(1).max(2000),
  set_at: instant(),
})

export const ResearchRunOutcomeSent = defineEvent('ResearchRunOutcomeSent', {
  run_id: runId(),
  receiver: z.enum(outcomeReceivers),
  attempt: ordinal(),
  /** The HTTP status that the receiver answered with. */
  status: z.number().int().min(200).max(299),
  sent_at: instant(),
})

/** One try that failed. `gave_up`: no other follows. */
export const ResearchRunOutcomeNotSent = defineEvent('ResearchRunOutcomeNotSent', {
  run_id: runId(),
  receiver: z.enum(outcomeReceivers),
  attempt: ordinal(),
  reason: code(),
  detail: z.string().max(500).nullable(),
  gave_up: z.boolean(),
  tried_at: instant(),
})

export const runEvents = [
  ResearchRunStarted,
  ResearchRunStepBegun,
  ResearchRunStepEnded,
  ResearchRunPaused,
  ResearchRunResumed,
  ResearchRunFinished,
  ResearchRunCancelled,
  ResearchRunWebhookSet,
  ResearchRunOutcomeSent,
  ResearchRunOutcomeNotSent,
] as const

export type RunEvent = EventOf<(typeof runEvents)[number]>
