import type { FastifyRequest } from 'fastify'
import { localFileBytesMax, localFilesMax } from '../../commands/articles/upload-local-files.ts'
import { Refusal } from '../../errors.ts'
import { multipartBoundary, multipartParts } from './multipart-parts.ts'

export interface UploadedFile {
  /** As the client sent it; not yet to be trusted. */
  name: string
  bytes: Uint8Array
}

export interface Upload {
  files: UploadedFile[]
  fields: Readonly<Record<string, string>>
}

export interface UploadLimits {
  fileBytesMax: number
  /** Bytes of all files together. */
  bytesMax: number
  filesMax: number
}

/** Whether a body is a form with files; it is not read before its route reads it. */
export const isMultipart = ({ headers }: FastifyRequest): boolean =>
  /^multipart\/form-data\b/i.test(headers['content-type'] ?? '')

/** Boundaries and part headers come on top of the files. */
const overheadBytes = 256 * 1024

/** Bytes that the body of an upload can have: those it announces, else as many as are allowed. */
export function bytesOfUpload({ headers }: FastifyRequest, bytesMax: number): number {
  const most = bytesMax + overheadBytes
  const announced = Number(headers['content-length'])
  return Number.isSafeInteger(announced) && announced >= 0 ? Math.min(announced, most) : most
}

/**
 * Reads a whole multipart body into memory, within limits, before anything is decided: what stops half
 * way has stored nothing. Throws FILES_TOO_MANY, FILE_TOO_LARGE,
 * BODY_TOO_LARGE, BODY_INVALID or UPLOAD_INCOMPLETE.
 */
export async function readUpload(request: FastifyRequest, limits: UploadLimits): Promise<Upload> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > limits.bytesMax + overheadBytes) {
    throw new Refusal('BODY_TOO_LARGE', { max: limits.bytesMax })
  }
  return await Promise.race([readParts(request, limits), stoppedHalfWay(request)])
}

/** A body whose connection is gone may wait for ever for its rest; this does not. */
const stoppedHalfWay = (request: FastifyRequest): Promise<never> =>
  new Promise((_resolve, reject) => {
    const { raw } = request
    const check = () => {
      if (!raw.complete) reject(new Refusal('UPLOAD_INCOMPLETE'))
    }
    // The link was looked up first, so the connection may be gone by now.
    if (raw.destroyed) check()
    else raw.once('close', check)
  })

const fieldsMax = 10

async function readParts(request: FastifyRequest, limits: UploadLimits): Promise<Upload> {
  const boundary = multipartBoundary(request.headers['content-type'])
  if (boundary === null) throw new Refusal('BODY_TYPE_UNSUPPORTED')
  request.log.debug('reading a multipart body')
  const body = await readBody(request, limits)
  const upload = { files: [] as UploadedFile[], fields: {} as Record<string, string> }
  let fields = 0
  let left = limits.bytesMax
  for (const part of multipartParts(body, boundary, limits.filesMax + fieldsMax)) {
    left -= part.bytes.byteLength
    if (left < 0) throw new Refusal('BODY_TOO_LARGE', { max: limits.bytesMax })
    if (part.fileName === null) {
      fields += 1
      if (fields > fieldsMax || part.field in Object.prototype) throw new Refusal('BODY_INVALID')
      upload.fields[part.field] = fieldValue(part.bytes, limits)
    } else if (part.fileName !== '') {
      // A form sends a file field that was left empty as a file without name.
      upload.files.push(uploadedFile(part.fileName, part.bytes, limits))
      if (upload.files.length > limits.filesMax) {
        throw new Refusal('FILES_TOO_MANY', { max: limits.filesMax })
      }
    }
  }
  return upload
}

async function readBody(request: FastifyRequest, { bytesMax }: UploadLimits): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request.raw as AsyncIterable<Buffer>) {
      size += chunk.byteLength
      if (size > bytesMax + overheadBytes) throw new Refusal('BODY_TOO_LARGE', { max: bytesMax })
      chunks.push(chunk)
    }
  } catch (error) {
    // A connection that breaks ends the body with an error of the stream.
    throw error instanceof Refusal ? error : new Refusal('UPLOAD_INCOMPLETE', {}, { cause: error })
  }
  return Buffer.concat(chunks)
}

function fieldValue(bytes: Buffer, limits: UploadLimits): string {
  if (bytes.byteLength > limits.fileBytesMax) {
    throw new Refusal('BODY_TOO_LARGE', { max: limits.fileBytesMax })
  }
  return bytes.toString('utf8')
}

function uploadedFile(name: string, bytes: Buffer, limits: UploadLimits): UploadedFile {
  if (bytes.byteLength > limits.fileBytesMax) {
    throw new Refusal('FILE_TOO_LARGE', { name: name.slice(0, 255), max: limits.fileBytesMax })
  }
  return { name, bytes }
}

/** Local files out of a multipart form, as they came; the command reads them, once. */
export async function readFileUpload(
  request: FastifyRequest,
  bytesMax: number,
): Promise<UploadedFile[]> {
  if (!isMultipart(request)) throw new Refusal('BODY_TYPE_UNSUPPORTED')
  const limits = { fileBytesMax: localFileBytesMax, bytesMax, filesMax: localFilesMax }
  const { files } = await readUpload(request, limits)
  return files
}
