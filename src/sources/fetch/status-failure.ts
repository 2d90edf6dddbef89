import { SourceFailure } from '../source-failure.ts'

/** What an HTTP status above 399 means for a source; the status is the detail. */
export function statusFailure(status: number): SourceFailure {
  const detail = `status ${status}`
  if (status === 404 || status === 410) return new SourceFailure('NOT_FOUND', detail)
  if (status === 401 || status === 402 || status === 403 || status === 451) {
    return new SourceFailure('FORBIDDEN', detail)
  }
  if (status === 429) return new SourceFailure('RATE_LIMITED', detail)
  return new SourceFailure('HTTP_ERROR', detail)
}
