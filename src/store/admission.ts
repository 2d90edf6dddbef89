import type { EventMetadata, NewEvent } from '../events/define-event.ts'

export interface AdmissionRequest {
  userId: string
  /** `yyyy-mm`, UTC. */
  month: string
  /** Calls per month of users without a plan; 0 = unlimited. */
  limit: number
  /** Appended when the call is admitted. */
  called: NewEvent
  /** Appended when it is not; the store fills in `reason`, `used`, `limit` and a minute's `resets_at`. */
  refused: NewEvent
  metadata: EventMetadata
}

export interface AdmissionAnswer {
  /** Which limit was reached; null when the call was admitted. */
  refused: 'month' | 'minute' | null
  /** Calls counted this month, this one included when it was admitted. */
  used: number
  /** The limits that count for the user; 0 = unlimited. */
  callsPerMonth: number
  callsPerMinute: number
  concurrentOperations: number
  /** After which the minute has room again, if that was the limit. */
  waitSeconds: number | null
  /** The event that says so: what the call leads to names it as its cause. */
  eventId: string
}

/** Counts and admits in one statement, so that no number of callers or servers can overrun a limit. */
export interface Admission {
  admit(request: AdmissionRequest): Promise<AdmissionAnswer>
}
