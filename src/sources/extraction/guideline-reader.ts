import { linksInGuideline, type ReadGuidelineLinks } from '../guideline/guideline-links.ts'
import { SourceFailure } from '../source-failure.ts'
import type { ExtractionPool } from './process/extraction-pool.ts'
import { asReadingRefusal } from './reading-refusal.ts'

/** Text of this length is parsed in a few milliseconds, whatever it holds. */
const shortGuidelineChars = 4_000

/**
 * Finds a guideline's links where pages are read, so that no text holds up a request; those of a short one
 * at once. Throws TEXT_TOO_COMPLEX or SERVER_STOPPING.
 */
export const createGuidelineReader =
  (extraction: ExtractionPool): ReadGuidelineLinks =>
  async (text) => {
    if (text.length <= shortGuidelineChars) return linksInGuideline(text)
    try {
      return await extraction.run('links', text)
    } catch (error) {
      if (!isCrash(error)) throw asReadingRefusal(error, 'The guideline')
    }
    // It may have been another text that brought the process down.
    try {
      return await extraction.run('links', text)
    } catch (error) {
      throw asReadingRefusal(error, 'The guideline')
    }
  }

const isCrash = (error: unknown): boolean =>
  error instanceof SourceFailure &&
  error.reason === 'EXTRACTION_FAILED' &&
  error.detail === undefined
