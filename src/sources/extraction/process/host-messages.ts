import type { ConvertRequest } from '../convert-request.ts'
import type { WorkerAnswer } from './worker-messages.ts'

/** What the server tells the process that converts. The limits come first and once. */
export type HostOrder =
  | { limits: { timeoutMs: number; memoryMegabytes: number } }
  | { convert: number; request: ConvertRequest }
  | { cancel: number }

/** What it answers: one answer per `convert`, and reports of its own bugs. */
export type HostAnswer = { done: number; answer: WorkerAnswer } | { bug: string }
