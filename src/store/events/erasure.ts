import type { EventMetadata, NewEvent } from '../../events/define-event.ts'
import type { Appended } from './event-store.ts'

export interface EraseRequest {
  userId: string
  articleId: string
  /** The version that erasing was decided on; as in an append, another one in between refuses. */
  expectedVersion: number
  /** Recorded together with the erasing, both or neither. */
  erased: NewEvent
  metadata: EventMetadata
}

export interface Erased extends Appended {
  /** Events whose data was replaced. */
  events: number
  /** Bodies removed at once; others follow within a quarter of an hour. */
  contents: number
}

/** Removes what an article's events and bodies say, for good; the chain of its events stays whole. */
export interface Erasure {
  /** Throws ConcurrencyConflict when the article has moved on. */
  erase(request: EraseRequest): Promise<Erased>
}
