import { clipLines } from './clip-text.ts'
import { withoutEmbeddedImages } from './embedded-images.ts'

/** One HTML output of a notebook as Markdown of at most so many characters; '' when it holds no text. */
export type WriteHtmlOutput = (html: string, maxChars: number) => string

const outputMax = 100_000
const notebookMax = 1_000_000

/** Converts what is shown anyway: the head of a large output, and no more of a notebook than this. */
export function htmlOutputs(convert: (html: string) => string): WriteHtmlOutput {
  let left = notebookMax
  return (html, maxChars) => {
    const head = withoutEmbeddedImages(html).text.slice(0, Math.min(outputMax, left))
    left -= head.length
    const markdown = convert(head).trim()
    if (markdown === '') return ''
    const clipped = clipLines(markdown, maxChars)
    const isCut = head.length === outputMax && clipped === markdown
    return isCut ? `${clipped}\n\n[… the rest of this output was left out]` : clipped
  }
}
