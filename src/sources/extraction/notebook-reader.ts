import { notebookToMarkdown, type ReadNotebook } from '../files/notebook.ts'
import { SourceFailure } from '../source-failure.ts'
import type { ExtractionPool } from './process/extraction-pool.ts'

/**
 * Reads notebooks that hold HTML where pages are read, so that their tables are tables; every other one at
 * once. What cannot be converted there is read as if its HTML were not.
 */
export const createNotebookReader =
  (extraction: ExtractionPool): ReadNotebook =>
  async (source) => {
    const plain = notebookToMarkdown(source)
    if (!/"(?:text\/)?html"\s*:/.test(source)) return plain
    try {
      const { markdown } = await extraction.convert({
        bytes: new TextEncoder().encode(source),
        mediaType: 'application/x-ipynb+json',
        charset: 'utf-8',
        url: 'file:///notebook.ipynb',
      })
      return markdown
    } catch (error) {
      if (error instanceof SourceFailure) return plain
      throw error
    }
  }
