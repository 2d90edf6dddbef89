import type { FastifyRequest } from 'fastify'
import { localFileBytesMax, localFilesMax } from '../commands/upload-local-files.ts'
import { Refusal } from '../errors.ts'
import { readLocalFile } from '../sources/files/local-file.ts'
import { readUpload, type UploadedFile } from './read-upload.ts'

/**
 * Local files out of a multipart form, under their normalised names. Every one is checked in full, so
 * that a link is not used up by an upload that is then refused.
 */
export async function readFileUpload(
  request: FastifyRequest,
  bytesMax: number,
): Promise<UploadedFile[]> {
  if (!request.isMultipart()) throw new Refusal('BODY_TYPE_UNSUPPORTED')
  const limits = { fileBytesMax: localFileBytesMax, bytesMax, filesMax: localFilesMax }
  const { files } = await readUpload(request, limits)
  if (files.length === 0) throw new Refusal('FILES_MISSING')
  if (files.length > localFilesMax) throw new Refusal('FILES_TOO_MANY', { max: localFilesMax })
  return await Promise.all(
    files.map(async (file) => {
      const { name } = await readLocalFile({ ...file, maxBytes: localFileBytesMax })
      return { name, bytes: file.bytes }
    }),
  )
}
