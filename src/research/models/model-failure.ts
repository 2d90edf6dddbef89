const reasons = {
  UNAVAILABLE: 'the language model could not be reached',
  RATE_LIMITED: 'the language model asks to come back later',
  UNAUTHORIZED: 'the language model refused the key',
  TIMEOUT: 'the language model did not answer in time',
  BAD_ANSWER: 'the language model gave no usable answer',
} as const

export type ModelFailureReason = keyof typeof reasons

/**
 * A model that gave nothing usable. It reaches no user as a refusal: every caller falls back to a heuristic,
 * or leaves the text as it is, and says so. The message is ours and may be shown; the cause is for the log.
 */
export class ModelFailure extends Error {
  readonly reason: ModelFailureReason

  constructor(reason: ModelFailureReason, options: { cause?: unknown } = {}) {
    super(reasons[reason], options)
    this.name = 'ModelFailure'
    this.reason = reason
  }
}
