import type { EventMetadata, NewEvent } from '../events/define-event.ts'

export interface AdmissionRequest {
  userId: string
  /** `yyyy-mm`, UTC. */
  month: string
  /** 0 = unlimited. */
  limit: number
  /** Appended when the call is admitted. */
  called: NewEvent
  /** Appended when it is not; the store fills in `used` and `limit`. */
  refused: NewEvent
  metadata: EventMetadata
}

export interface AdmissionAnswer {
  admitted: boolean
  /** Calls counted this month, this one included when it was admitted. */
  used: number
  /** The event that says so: what the call leads to names it as its cause. */
  eventId: string
}

/** Counts and admits in one statement, so that no number of callers or servers can overrun a limit. */
export interface Admission {
  admit(request: AdmissionRequest): Promise<AdmissionAnswer>
}
