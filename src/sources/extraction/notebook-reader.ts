import {
  NotebookInvalid,
  notebookToMarkdown,
  type ReadNotebook,
  shortNotebookChars,
} from '../files/notebook.ts'
import { SourceFailure } from '../source-failure.ts'
import type { ExtractionPool } from './process/extraction-pool.ts'

/**
 * Reads notebooks where pages are read: those that hold HTML, so that their tables are tables, and long
 * ones, so that reading them holds up no request. Short ones are read at once. What cannot be converted
 * there is read as if its HTML were not. Throws NotebookInvalid, or SourceFailure for too much work.
 */
export const createNotebookReader =
  (extraction: ExtractionPool): ReadNotebook =>
  async (source) => {
    const short = source.length <= shortNotebookChars ? notebookToMarkdown(source) : null
    const readPlain = async () => short ?? (await readLong(extraction, source))
    if (!/"(?:text\/)?html"\s*:/.test(source)) return await readPlain()
    try {
      const { markdown } = await extraction.convert({
        bytes: new TextEncoder().encode(source),
        mediaType: 'application/x-ipynb+json',
        charset: 'utf-8',
        url: 'file:///notebook.ipynb',
      })
      return markdown
    } catch (error) {
      if (error instanceof SourceFailure && error.reason !== 'CANCELLED') return await readPlain()
      throw error
    }
  }

async function readLong(extraction: ExtractionPool, source: string): Promise<string> {
  const markdown = await extraction.run('notebook', source)
  if (markdown === null) throw new NotebookInvalid('not a notebook')
  return markdown
}
