import type { OutcomeReceiver, RunChoice, RunEvent, RunPause, RunTool } from './run-events.ts'

export interface RunStep {
  readonly number: number
  readonly tool: RunTool
  readonly callId: string
  readonly usageMonth: string
  readonly usageWeight: number
  readonly operationsMax: number
  readonly state: 'begun' | 'done' | 'nothing' | 'failed'
  readonly code: string | null
}

export interface RunQuestion {
  readonly number: number
  readonly kind: RunPause
  readonly tool: RunTool | null
  readonly code: string | null
  readonly failures: readonly { item: number; reason: string; detail: string | null }[]
  readonly failed: number
  readonly choices: readonly RunChoice[]
  readonly resumesAt: string | null
}

export interface RunBudget {
  readonly calls: number | null
  readonly costUsd: number | null
  readonly minutes: number | null
}

/** A research run as its events leave it. */
export interface ResearchRun {
  readonly id: string
  readonly status: 'running' | 'paused' | 'finished' | 'cancelled'
  readonly rounds: number
  /** Rounds that the article had before. */
  readonly roundsBefore: number
  readonly decidedBy: 'model' | 'heuristic'
  readonly budget: RunBudget
  /** How often the budget was granted: once at the start, and with every "try again" after it was spent. */
  readonly grants: number
  readonly keepGoing: boolean
  readonly steps: readonly RunStep[]
  /** What it waits for while it is paused. */
  readonly question: RunQuestion | null
  readonly questions: number
  /** Tools whose total failure is accepted: the run goes on without them. */
  readonly without: ReadonlySet<RunTool>
  /** To be called again next. */
  readonly again: RunTool | null
  /** How often a tool was tried again by the clock. */
  readonly scheduled: ReadonlyMap<RunTool, number>
  /** Only compiling is left to do: the budget is spent. */
  readonly wrapsUp: boolean
  /** The cost of services other than those of operations. */
  readonly costUsd: number
  readonly startedAt: string
  /** Milliseconds at work before `since`, pauses left out. */
  readonly workedMs: number
  /** Since when it is at work, or paused. */
  readonly since: string
  /** The time of its newest event. */
  readonly changedAt: string
  readonly endedAt: string | null
  /** Where the user wants to be told how it ended. */
  readonly webhook: string | null
  /** What has been tried to tell it. */
  readonly telling: ReadonlyMap<OutcomeReceiver, Telling>
}

export interface Telling {
  readonly state: 'due' | 'sent' | 'given_up'
  readonly attempts: number
  /** Why the last try failed. */
  readonly reason: string | null
}

/** Whether a run still has something to do or to ask. */
export const isRunOpen = ({ status }: ResearchRun): boolean =>
  status === 'running' || status === 'paused'

/** The article's runs after an event of one of them, by id, oldest first. Written in place. */
export function changeRun(
  runs: Map<string, ResearchRun>,
  event: RunEvent,
  roundsBefore: number,
): void {
  const { run_id: id } = event.data
  if (event.type === 'ResearchRunStarted') runs.set(id, startedRun(event.data, roundsBefore))
  const run = runs.get(id)
  if (run) runs.set(id, { ...run, ...changeOf(run, event) })
}

type DataOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>['data']

function startedRun(data: DataOf<'ResearchRunStarted'>, roundsBefore: number): ResearchRun {
  const { calls, cost_usd: costUsd, minutes } = data.budget
  return {
    id: data.run_id,
    status: 'running',
    rounds: data.rounds,
    roundsBefore,
    decidedBy: data.decided_by,
    budget: { calls, costUsd, minutes },
    grants: 1,
    keepGoing: data.keep_going,
    steps: [],
    question: null,
    questions: 0,
    without: new Set(),
    again: null,
    scheduled: new Map(),
    wrapsUp: false,
    costUsd: 0,
    startedAt: data.started_at,
    workedMs: 0,
    since: data.started_at,
    changedAt: data.started_at,
    endedAt: null,
    webhook: null,
    telling: new Map(),
  }
}

function changeOf(run: ResearchRun, event: RunEvent): Partial<ResearchRun> {
  switch (event.type) {
    case 'ResearchRunStarted':
      return {}
    case 'ResearchRunStepBegun':
      return {
        steps: [...run.steps, begunStep(event.data)],
        again: run.again === event.data.tool ? null : run.again,
        changedAt: event.data.begun_at,
      }
    case 'ResearchRunStepEnded': {
      const { step: number, outcome: state, code, cost_usd: cost } = event.data
      return {
        steps: run.steps.map((step) => (step.number === number ? { ...step, state, code } : step)),
        costUsd: run.costUsd + (cost ?? 0),
        changedAt: event.data.ended_at,
      }
    }
    case 'ResearchRunPaused':
      return {
        status: 'paused',
        question: askedQuestion(event.data),
        questions: event.data.question,
        ...workedUntil(run, event.data.paused_at),
      }
    case 'ResearchRunResumed':
      return { ...resumed(run, event.data), ...changedAt(event.data.resumed_at) }
    case 'ResearchRunFinished':
      return ended(run, 'finished', event.data.finished_at)
    case 'ResearchRunCancelled':
      return ended(run, 'cancelled', event.data.cancelled_at)
    case 'ResearchRunWebhookSet':
      return { webhook: event.data.url }
    case 'ResearchRunOutcomeSent':
      return told(run, event.data, 'sent', null)
    case 'ResearchRunOutcomeNotSent':
      return told(run, event.data, event.data.gave_up ? 'given_up' : 'due', event.data.reason)
  }
}

const told = (
  run: ResearchRun,
  { receiver, attempt }: { receiver: OutcomeReceiver; attempt: number },
  state: Telling['state'],
  reason: string | null,
) => ({ telling: new Map(run.telling).set(receiver, { state, attempts: attempt, reason }) })

const begunStep = (data: DataOf<'ResearchRunStepBegun'>): RunStep => ({
  number: data.step,
  tool: data.tool,
  callId: data.call_id,
  usageMonth: data.usage_month,
  usageWeight: data.usage_weight,
  operationsMax: data.operations_max,
  state: 'begun',
  code: null,
})

const askedQuestion = (data: DataOf<'ResearchRunPaused'>): RunQuestion => ({
  number: data.question,
  kind: data.kind,
  tool: data.tool,
  code: data.code,
  failures: data.failures,
  failed: data.failed,
  choices: data.choices,
  resumesAt: data.resumes_at,
})

function workedUntil(run: ResearchRun, at: string): Partial<ResearchRun> {
  const worked = run.status === 'running' ? Math.max(0, Date.parse(at) - Date.parse(run.since)) : 0
  return { workedMs: run.workedMs + worked, ...changedAt(at) }
}

const changedAt = (at: string) => ({ since: at, changedAt: at })

const ended = (run: ResearchRun, status: 'finished' | 'cancelled', at: string) => ({
  ...workedUntil(run, at),
  status,
  question: null,
  endedAt: at,
})

function resumed(run: ResearchRun, data: DataOf<'ResearchRunResumed'>): Partial<ResearchRun> {
  const { question } = run
  const on = { status: 'running' as const, question: null }
  if (!question) return on
  const { kind, tool } = question
  if (kind === 'budget') {
    return data.decision === 'retry' ? { ...on, grants: run.grants + 1 } : { ...on, wrapsUp: true }
  }
  if (!tool) return on
  if (data.decision === 'continue') return { ...on, without: new Set([...run.without, tool]) }
  const tries = (run.scheduled.get(tool) ?? 0) + (data.by === 'schedule' ? 1 : 0)
  return {
    ...on,
    // A call that was refused by a limit has not begun: it comes next by itself.
    again: kind === 'quota' ? run.again : tool,
    scheduled: new Map(run.scheduled).set(tool, tries),
  }
}
