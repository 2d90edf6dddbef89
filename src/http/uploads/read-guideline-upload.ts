import type { FastifyRequest } from 'fastify'
import { Refusal } from '../../errors.ts'
import { normaliseFileName } from '../../sources/files/file-name.ts'
import { binarySignature } from '../../sources/files/file-signature.ts'
import { fileTypeOf } from '../../sources/files/file-type.ts'
import { maxGuidelineBytes, readGuideline } from '../../sources/guideline/guideline-text.ts'
import { isMultipart, readUpload } from './read-upload.ts'

export interface GuidelineUpload {
  /** Read and checked; nothing reads it again. */
  guideline: { text: string; name?: string }
  title?: string
  articleId?: string
}

/** Larger bodies are read far enough to say how large the guideline is. */
const bytesMax = maxGuidelineBytes * 4

/**
 * A guideline out of a multipart form (a file, or pasted text in the field `guideline`) or a plain text
 * body. Checked in full, so that what comes after it cannot refuse it any more.
 */
export async function readGuidelineUpload(request: FastifyRequest): Promise<GuidelineUpload> {
  if (Buffer.isBuffer(request.body)) return { guideline: checked(request.body) }
  if (!isMultipart(request)) throw new Refusal('BODY_TYPE_UNSUPPORTED')
  const upload = await readUpload(request, { fileBytesMax: bytesMax, bytesMax, filesMax: 1 })
  if (upload.files.length > 1) throw new Refusal('FILES_TOO_MANY', { max: 1 })
  const { guideline: pasted, title, article_id: articleId } = upload.fields
  const [file] = upload.files
  if (!file && !pasted) throw new Refusal('FILES_MISSING')
  return {
    guideline: file ? checked(file.bytes, file.name) : checked(Buffer.from(pasted ?? '')),
    ...(title && { title }),
    ...(articleId && { articleId }),
  }
}

function checked(bytes: Uint8Array, fileName?: string): GuidelineUpload['guideline'] {
  const name = fileName === undefined ? 'The guideline' : normaliseFileName(fileName)
  const language = fileTypeOf(name)?.language
  if (fileName !== undefined && language !== 'markdown' && language !== 'text') {
    throw new Refusal(
      'FILE_TYPE_UNSUPPORTED',
      { name },
      { hint: 'A guideline is a Markdown or plain text file (.md or .txt).' },
    )
  }
  const found = binarySignature(bytes)
  if (found) throw new Refusal('FILE_NOT_WHAT_IT_SAYS', { name, found })
  return { text: readGuideline(bytes), ...(fileName !== undefined && { name }) }
}
