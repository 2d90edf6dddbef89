import { clipText } from './clip-text.ts'
import { codeFence } from './code-fence.ts'
import { withoutEmbeddedImages } from './embedded-images.ts'
import { extensionOf, fileTypeOf } from './file-type.ts'
import { notebookToMarkdown } from './notebook.ts'

/** A file's text made ready for reading: notebooks rendered, embedded images out, clipped at `maxChars`. */
export function readableFile(
  path: string,
  text: string,
  maxChars: number,
): { language: string; text: string } {
  const language = fileTypeOf(path)?.language ?? ''
  if (extensionOf(path) === 'ipynb') {
    const rendered = renderedNotebook(text)
    if (rendered !== null) return { language: 'markdown', text: clipText(rendered, maxChars) }
  }
  return { language, text: clipText(withoutEmbeddedImages(text).text, maxChars) }
}

/** The same as a block of its own; Markdown too, so that its headings do not mix with ours. */
export function fileBlock(path: string, file: { language: string; text: string }): string {
  const name = path.replace(/`/g, "'")
  return `### \`${name}\`\n\n${codeFence(file.text, file.language)}`
}

/** A broken notebook among many files is shown as the JSON it is. */
function renderedNotebook(text: string): string | null {
  try {
    return notebookToMarkdown(text)
  } catch {
    return null
  }
}
