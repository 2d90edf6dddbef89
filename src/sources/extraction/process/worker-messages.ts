import type { FailureReason } from '../../source-failure.ts'
import type { Converted } from '../converted.ts'

export type WorkerAnswer =
  | { converted: Converted }
  | { failure: { reason: FailureReason; detail: string | undefined } }
  /** A bug: anything that was thrown and is no SourceFailure. */
  | { broken: string }

/** `ready` comes once, when the libraries are loaded. */
export type WorkerMessage = 'ready' | WorkerAnswer
