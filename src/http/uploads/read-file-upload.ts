import type { FastifyRequest } from 'fastify'
import { localFileBytesMax, localFilesMax } from '../../commands/articles/upload-local-files.ts'
import { Refusal } from '../../errors.ts'
import { readUpload, type UploadedFile } from './read-upload.ts'

/** Local files out of a multipart form, as they came; the command reads them, once. */
export async function readFileUpload(
  request: FastifyRequest,
  bytesMax: number,
): Promise<UploadedFile[]> {
  if (!request.isMultipart()) throw new Refusal('BODY_TYPE_UNSUPPORTED')
  const limits = { fileBytesMax: localFileBytesMax, bytesMax, filesMax: localFilesMax }
  const { files } = await readUpload(request, limits)
  return files
}
