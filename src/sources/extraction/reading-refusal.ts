import { Refusal } from '../../errors.ts'
import { SourceFailure } from '../source-failure.ts'

/** What kept a user's own text from being read, as a refusal; anything else unchanged. */
export function asReadingRefusal(error: unknown, name: string): unknown {
  if (!(error instanceof SourceFailure)) return error
  if (error.reason === 'CANCELLED') return new Refusal('SERVER_STOPPING', {}, { cause: error })
  return new Refusal('TEXT_TOO_COMPLEX', { name }, { cause: error })
}
