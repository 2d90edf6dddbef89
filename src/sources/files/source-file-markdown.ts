import { clipText } from './clip-text.ts'
import { codeFence } from './code-fence.ts'
import { withoutEmbeddedImages } from './embedded-images.ts'
import { extensionOf, fileTypeOf } from './file-type.ts'
import { type ReadNotebook, readPlainNotebook } from './notebook.ts'

/** A file's text made ready for reading: notebooks rendered, embedded images out, clipped at `maxChars`. */
export async function readableFile(
  path: string,
  text: string,
  maxChars: number,
  readNotebook: ReadNotebook = readPlainNotebook,
): Promise<{ language: string; text: string }> {
  const language = fileTypeOf(path)?.language ?? ''
  if (extensionOf(path) === 'ipynb') {
    // A broken notebook among many files is shown as the JSON it is.
    const rendered = await readNotebook(text).catch(() => null)
    if (rendered !== null) return { language: 'markdown', text: clipText(rendered, maxChars) }
  }
  return { language, text: clipText(withoutEmbeddedImages(text).text, maxChars) }
}

/** The same as a block of its own; Markdown too, so that its headings do not mix with ours. */
export function fileBlock(path: string, file: { language: string; text: string }): string {
  const name = path.replace(/`/g, "'")
  return `### \`${name}\`\n\n${codeFence(file.text, file.language)}`
}
