import { Refusal } from '../../errors.ts'
import { asReadingRefusal } from '../extraction/reading-refusal.ts'
import { SourceFailure } from '../source-failure.ts'
import { codeFence } from './code-fence.ts'
import { withoutEmbeddedImages } from './embedded-images.ts'
import { normaliseFileName } from './file-name.ts'
import { binarySignature } from './file-signature.ts'
import { documentTypeOf, fileTypeOf } from './file-type.ts'
import { NotebookInvalid, type ReadNotebook, readPlainNotebook } from './notebook.ts'
import { uploadedText } from './uploaded-text.ts'

export interface LocalFile {
  /** Normalised; the name under which a guideline's reference and the upload meet. */
  name: string
  mediaType: string
  markdown: string
}

/** A document (PDF, Word) as Markdown. Throws SourceFailure. */
export type ReadDocument = (document: {
  name: string
  bytes: Uint8Array
  mediaType: string
}) => Promise<string>

export interface FileReaders {
  readNotebook?: ReadNotebook | undefined
  /** Without it documents are of a type that is not taken. */
  readDocument?: ReadDocument | undefined
}

/** A user's file as Markdown. Refuses what is too large, of another type, not text, or not what it says. */
export async function readLocalFile(
  file: { name: string; bytes: Uint8Array; maxBytes: number },
  { readNotebook = readPlainNotebook, readDocument }: FileReaders = {},
): Promise<LocalFile> {
  const name = normaliseFileName(file.name)
  const type = fileTypeOf(name)
  const document = readDocument ? documentTypeOf(name) : null
  if (!type && !document) throw new Refusal('FILE_TYPE_UNSUPPORTED', { name })
  if (file.bytes.byteLength > file.maxBytes) {
    throw new Refusal('FILE_TOO_LARGE', { name, max: file.maxBytes })
  }
  const found = binarySignature(file.bytes)
  if (document && readDocument) {
    if (found !== document.signature) {
      throw new Refusal('FILE_NOT_WHAT_IT_SAYS', { name, found: found ?? 'text' })
    }
    const { mediaType } = document
    const markdown = await documentMarkdown({ name, bytes: file.bytes, mediaType }, readDocument)
    return { name, mediaType, markdown }
  }
  if (!type) throw new Refusal('FILE_TYPE_UNSUPPORTED', { name })
  if (found) throw new Refusal('FILE_NOT_WHAT_IT_SAYS', { name, found })
  const text = uploadedText(file.bytes, name)
  const { mediaType } = type
  switch (type.form) {
    case 'markdown':
      return { name, mediaType, markdown: withoutEmbeddedImages(text).text }
    case 'notebook':
      return { name, mediaType, markdown: await notebookMarkdown(name, text, readNotebook) }
    case 'code':
      return {
        name,
        mediaType,
        markdown: `${codeFence(withoutEmbeddedImages(text).text, type.language)}\n`,
      }
  }
}

async function documentMarkdown(
  document: Parameters<ReadDocument>[0],
  readDocument: ReadDocument,
): Promise<string> {
  try {
    return await readDocument(document)
  } catch (error) {
    const { name } = document
    if (!(error instanceof SourceFailure) || error.reason === 'CANCELLED') {
      throw asReadingRefusal(error, name)
    }
    throw new Refusal('DOCUMENT_UNREADABLE', { name, why: error.message }, { cause: error })
  }
}

async function notebookMarkdown(
  name: string,
  text: string,
  readNotebook: ReadNotebook,
): Promise<string> {
  try {
    return await readNotebook(text)
  } catch (error) {
    if (error instanceof NotebookInvalid) {
      throw new Refusal('NOTEBOOK_INVALID', { name }, { cause: error })
    }
    throw asReadingRefusal(error, name)
  }
}
