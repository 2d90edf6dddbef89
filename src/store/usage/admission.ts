import type { EventMetadata, NewEvent } from '../../events/define-event.ts'

/** What a user may do; 0 = unlimited. */
export interface Limits {
  /** Units: a call counts one, or what the plan weighs its tool. */
  callsPerMonth: number
  /** Calls that count, within any sixty seconds. */
  callsPerMinute: number
  /** Operations of slow tools that run at the same time. */
  concurrentOperations: number
}

export interface AdmissionRequest {
  userId: string
  /** `yyyy-mm`, UTC. */
  month: string
  /** Of users without a plan. */
  defaults: Limits
  /** It weighs nothing, whatever the plan says, and is let in. */
  free: boolean
  /** Appended when the call is admitted; the store fills in `weight`. */
  called: NewEvent
  /** Appended when it is not; the store fills in `weight`, `reason`, `used`, `limit`, a minute's `resets_at`. */
  refused: NewEvent
  metadata: EventMetadata
}

/** The limits are those that count for the user. */
export interface AdmissionAnswer extends Limits {
  /** Which limit was reached; null when the call was admitted. */
  refused: 'month' | 'minute' | null
  /** Units counted this month, those of this call included when it was admitted. */
  used: number
  /** Units that this call counts, or would. */
  weight: number
  /** Of the plan, by tool. */
  weights: Readonly<Record<string, number>>
  /** After which the minute has room again, if that was the limit. */
  waitSeconds: number | null
  /** The event that says so: what the call leads to names it as its cause. */
  eventId: string
}

/** Counts and admits in one statement, so that no number of callers or servers can overrun a limit. */
export interface Admission {
  admit(request: AdmissionRequest): Promise<AdmissionAnswer>
}
