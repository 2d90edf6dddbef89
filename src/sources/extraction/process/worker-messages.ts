import type { FailureReason } from '../../source-failure.ts'

export type WorkerAnswer =
  /** The type is the one that ExtractionTasks gives for the task. */
  | { output: unknown }
  | { failure: { reason: FailureReason; detail: string | undefined } }
  /** A bug: anything that was thrown and is no SourceFailure. */
  | { broken: string }

/** `ready` comes once a task, when the libraries for it are loaded. */
export type WorkerMessage = 'ready' | WorkerAnswer
