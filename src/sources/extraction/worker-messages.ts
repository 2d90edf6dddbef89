import type { FailureReason } from '../source-failure.ts'
import type { ConvertRequest } from './convert-request.ts'
import type { Converted } from './converted.ts'

export interface WorkerTask {
  id: number
  request: ConvertRequest
}

export type WorkerAnswer =
  | { id: number; converted: Converted }
  | { id: number; failure: { reason: FailureReason; detail: string | undefined } }
  /** A bug: anything that was thrown and is no SourceFailure. */
  | { id: number; broken: string }
