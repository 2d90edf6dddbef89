/**
 * Why a source could not be had. Unlike a refusal, a failure is a recorded fact of research: it becomes
 * `SourceFailed` in the article's stream, is listed in research.md, and the other sources go on.
 */
const reasons = {
  BAD_URL: { retryable: false, say: 'The address is not a usable URL.' },
  BLOCKED_ADDRESS: { retryable: false, say: 'The address is not on the public internet.' },
  DNS: { retryable: true, say: 'The host name has no address.' },
  CONNECTION: { retryable: true, say: 'The server could not be reached.' },
  TLS: { retryable: false, say: 'The server offers no trusted certificate.' },
  TIMEOUT: { retryable: true, say: 'The server did not answer in time.' },
  TOO_LARGE: { retryable: false, say: 'The answer is larger than the limit.' },
  TOO_MANY_REDIRECTS: { retryable: false, say: 'The server redirects without end.' },
  ROBOTS_DISALLOWED: { retryable: false, say: 'The site asks robots not to read this page.' },
  NOT_FOUND: { retryable: false, say: 'There is no such page.' },
  FORBIDDEN: { retryable: false, say: 'The site does not let us read this page.' },
  RATE_LIMITED: { retryable: true, say: 'The site asks us to come back later.' },
  HTTP_ERROR: { retryable: true, say: 'The server answered with an error.' },
  UNSUPPORTED_TYPE: { retryable: false, say: 'This kind of content cannot be read.' },
  NEEDS_JAVASCRIPT: { retryable: false, say: 'The page shows its text only with JavaScript.' },
  EMPTY: { retryable: false, say: 'There is no readable text.' },
  EXTRACTION_FAILED: { retryable: false, say: 'The content could not be converted.' },
  EXTRACTION_TIMEOUT: { retryable: false, say: 'Converting the content took too long.' },
  ENCRYPTED: { retryable: false, say: 'The document is protected by a password.' },
  SCANNED: { retryable: false, say: 'The document holds images of pages, not text.' },
  NO_CAPTIONS: { retryable: false, say: 'The video has no captions.' },
  VIDEO_BLOCKED: { retryable: true, say: 'The video site refuses requests from this network.' },
  UNPLAYABLE: { retryable: false, say: 'The video is private, removed or restricted.' },
  STORAGE_FULL: { retryable: true, say: 'The user keeps as much as they may; it fits no more.' },
  CANCELLED: { retryable: true, say: 'The operation was cancelled.' },
} as const

export type FailureReason = keyof typeof reasons

export const failureReasons = Object.keys(reasons) as [FailureReason, ...FailureReason[]]

/** What a recorded reason means, in one sentence; null for one that is not of this catalogue. */
export const failureSentence = (reason: string): string | null =>
  Object.hasOwn(reasons, reason) ? reasons[reason as FailureReason].say : null

/** Thrown by every source adapter; `detail` is ours (a status code, a limit), never text of the page. */
export class SourceFailure extends Error {
  readonly reason: FailureReason
  readonly retryable: boolean
  readonly detail: string | undefined

  constructor(reason: FailureReason, detail?: string, options: { cause?: unknown } = {}) {
    super(detail ? `${reasons[reason].say} (${detail})` : reasons[reason].say, options)
    this.name = 'SourceFailure'
    this.reason = reason
    this.retryable = reasons[reason].retryable
    this.detail = detail
  }
}
