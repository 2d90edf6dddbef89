import { wordCount } from '../extraction/word-count.ts'
import { SourceFailure } from '../source-failure.ts'
import type { PageReaders, ReadPage } from './read-page.ts'

/**
 * The page as its site wrote it in Markdown, where the page names such a version: nothing guessed, nothing
 * lost. Undefined when there is none, or when it is no Markdown or a stub: the page then stands.
 */
export async function pageAsMarkdown(
  { fetch, extraction }: PageReaders,
  page: ReadPage,
  signal: AbortSignal,
): Promise<ReadPage | undefined> {
  const { markdownAt, ...converted } = page.converted
  if (markdownAt === undefined) return undefined
  try {
    const answer = await fetch.fetch({
      url: markdownAt,
      signal,
      accept: 'text/markdown',
      retries: 0,
    })
    const { bytes, mediaType, charset } = answer
    const isHere = new URL(answer.url).origin === new URL(markdownAt).origin
    if (answer.status !== 200 || mediaType !== 'text/markdown' || !isHere) return undefined
    const written = await extraction.convert({ bytes, mediaType, charset, url: answer.url }, signal)
    if (!written.notes.includes('The site answered with Markdown.')) return undefined
    if (wordCount(written.markdown) < wordCount(converted.markdown) / 2) return undefined
    return {
      response: { ...page.response, bytes, mediaType },
      converted: {
        ...converted,
        markdown: written.markdown,
        notes: ['Read from the Markdown version that the page names.'],
      },
    }
  } catch (error) {
    if (!(error instanceof SourceFailure) || signal.aborted) throw error
    return undefined
  }
}
