import type { ReadDocument } from '../files/local-file.ts'
import type { ExtractionPool } from './process/extraction-pool.ts'

const tellsLoss = /\b(?:left out|hold no text|Only the first|only the page is read|was cut)\b/

/** Reads a user's PDF and Word documents where pages are read, with the readers of pages. Throws SourceFailure. */
export const createDocumentReader =
  (extraction: ExtractionPool): ReadDocument =>
  async ({ name, bytes, mediaType }) => {
    const url = new URL(encodeURIComponent(name), 'file:///').href
    const { markdown, notes } = await extraction.convert({ bytes, mediaType, charset: null, url })
    // A user's file has no notes beside its text, and what is missing must be said somewhere.
    const losses = notes.filter((note) => tellsLoss.test(note))
    return losses.length > 0 ? `${markdown.trimEnd()}\n\n[${losses.join(' ')}]\n` : markdown
  }
