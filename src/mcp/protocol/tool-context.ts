import type { Caller, CommandDeps } from '../../commands/handle.ts'
import type { LinkSettings } from '../../commands/links/grant-link.ts'
import type { WorkInHand } from '../../commands/runs/work-in-hand.ts'
import type { CallLedger } from '../../commands/usage/call-ledger.ts'
import type { AdmittedCall } from '../../commands/usage/tool-calls.ts'
import type { Log } from '../../log.ts'
import type { LanguageModelPort } from '../../research/models/model-port.ts'
import type { Prices } from '../../research/models/prices.ts'
import type { Readiness } from '../../store/database/readiness.ts'
import type { TenantReader } from '../../store/database/tenant.ts'
import type { ProjectionGate } from '../../store/projections/projection-status.ts'
import type { Admission, Limits } from '../../store/usage/admission.ts'
import type { AnalyticsReader } from '../../store/usage/analytics-reader.ts'
import type { ClientAbilities } from './client-abilities.ts'

/** What the adapter needs of the composition; compose builds it and this folder never imports compose. */
export interface McpDeps extends CommandDeps {
  /** The limits of users without a plan. */
  readonly limits: Limits
  readonly admission: Admission
  readonly reader: TenantReader
  readonly analytics: AnalyticsReader
  readonly projections: ProjectionGate
  readonly operations: {
    enqueue(job: { userId: string; articleId: string; operationId: string }): Promise<void>
  }
  readonly runs: {
    goOn(job: { userId: string; articleId: string; runId: string }): Promise<void>
  }
  readonly model: LanguageModelPort | null
  readonly prices: Prices
  readonly search: { readonly name: string } | null
  readonly links: LinkSettings
  readonly ledger: CallLedger
  readonly inHand: WorkInHand
  readonly log: Log
  /** Aborted when the server stops: a call that waits for an operation answers that it still runs. */
  readonly stopping: AbortSignal
  ready(): Promise<Readiness>
}

/** What a tool runs with. */
export interface ToolContext {
  readonly deps: McpDeps
  readonly caller: Caller
  /** Also the id of the operation that the call may start. */
  readonly callId: string
  readonly call: AdmittedCall
  /** The id of the same call, when this one repeats it because its answer was lost. */
  readonly repeats: string | null
  /** Aborted when the client cancels or goes away: waiting ends, research does not. */
  readonly signal: AbortSignal
  /** Tells a client that asked for it how far the call is; `message` is shown to people. */
  progress(done: number, total: number, message: string): Promise<void>
  readonly abilities: ClientAbilities
  /** What the client sends with a call and with each repetition of it, if it does. */
  readonly idempotencyKey: string | null
  /** What the client's user said to the questions of the answer before, and the state that came with them. */
  readonly answers: Answers
}

export interface Answers {
  readonly responses: Record<string, unknown> | undefined
  readonly state: string | undefined
}
