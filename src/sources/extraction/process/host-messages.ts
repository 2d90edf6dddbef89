import type { ExtractionTask } from './extraction-tasks.ts'
import type { WorkerAnswer } from './worker-messages.ts'

/** What the server tells the process that converts. The limits come first and once. */
export type HostOrder =
  | { limits: { timeoutMs: number; memoryMegabytes: number } }
  | { run: number; task: ExtractionTask; share: string }
  | { cancel: number }

/** What it answers: one answer per `run`, and reports of its own bugs. */
export type HostAnswer = { done: number; answer: WorkerAnswer } | { bug: string }
