const reasons = {
  UNAVAILABLE: 'the language model could not be reached',
  RATE_LIMITED: 'the language model asks to come back later',
  UNAUTHORIZED: 'the language model refused the key',
  TIMEOUT: 'the language model did not answer in time',
  BAD_ANSWER: 'the language model gave no usable answer',
} as const

export type ModelFailureReason = keyof typeof reasons

/**
 * A model that gave nothing usable. Callers with a heuristic fall back to it and say so; the others turn it
 * into Refusal MODEL_FAILED. The message is ours and may be shown; the cause is for the log only.
 */
export class ModelFailure extends Error {
  readonly reason: ModelFailureReason

  constructor(reason: ModelFailureReason, options: { cause?: unknown } = {}) {
    super(reasons[reason], options)
    this.name = 'ModelFailure'
    this.reason = reason
  }
}
