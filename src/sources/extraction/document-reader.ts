import type { ReadDocument } from '../files/local-file.ts'
import type { ExtractionPool } from './process/extraction-pool.ts'

/** Reads a user's PDF and Word documents where pages are read, with the readers of pages. Throws SourceFailure. */
export const createDocumentReader =
  (extraction: ExtractionPool): ReadDocument =>
  async ({ name, bytes, mediaType }) => {
    const url = new URL(encodeURIComponent(name), 'file:///').href
    const { markdown } = await extraction.convert({ bytes, mediaType, charset: null, url })
    return markdown
  }
