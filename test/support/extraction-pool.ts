import {
  createTaskRunner,
  type ExtractionPool,
  poolOf,
} from '../../src/sources/extraction/process/extraction-pool.ts'
import type { ExtractionSettings } from '../../src/sources/extraction/process/extraction-settings.ts'

/** The pool that works in the conversion process, here in the process of the test. */
export const createExtractionPool = (settings: ExtractionSettings = {}): ExtractionPool =>
  poolOf(createTaskRunner(settings))
