import { wordCount } from '../extraction/word-count.ts'
import { SourceFailure } from '../source-failure.ts'
import type { PageReaders, ReadPage } from './read-page.ts'

/**
 * The page as its site wrote it in Markdown: nothing guessed, nothing lost, and no script needed. Undefined
 * when there is no such version, or when it is no Markdown or a stub: the page then stands.
 */
export async function pageAsMarkdown(
  { fetch, extraction }: PageReaders,
  page: ReadPage,
  signal: AbortSignal,
): Promise<ReadPage | undefined> {
  const { markdownAt, unreadable, ...converted } = page.converted
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
    const isMarkdown = mediaType === 'text/markdown' || (unreadable && mediaType === 'text/plain')
    if (answer.status !== 200 || !isMarkdown || !isHere) return undefined
    const as = { bytes, mediaType: 'text/markdown', charset, url: answer.url }
    const written = await extraction.convert(as, signal)
    if (!written.notes.includes('The site answered with Markdown.')) return undefined
    if (wordCount(written.markdown) < wordCount(converted.markdown) / 2) return undefined
    return {
      response: { ...page.response, bytes, mediaType },
      converted: {
        ...converted,
        title: converted.title || written.title,
        markdown: written.markdown,
        notes: [
          unreadable
            ? 'The page needs JavaScript; read from its Markdown version.'
            : 'Read from the Markdown version that the page names.',
        ],
      },
    }
  } catch (error) {
    if (!(error instanceof SourceFailure) || signal.aborted) throw error
    return undefined
  }
}
