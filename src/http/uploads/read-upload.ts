import type { MultipartFile, MultipartValue } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { localFileBytesMax, localFilesMax } from '../../commands/articles/upload-local-files.ts'
import { Refusal } from '../../errors.ts'

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
 * way has stored nothing. Throws FILES_TOO_MANY, FILE_TOO_LARGE, BODY_TOO_LARGE or UPLOAD_INCOMPLETE.
 */
export async function readUpload(request: FastifyRequest, limits: UploadLimits): Promise<Upload> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > limits.bytesMax + overheadBytes) {
    throw new Refusal('BODY_TOO_LARGE', { max: limits.bytesMax })
  }
  try {
    return await Promise.race([readParts(request, limits), stoppedHalfWay(request)])
  } catch (error) {
    throw uploadRefusal(error, limits)
  }
}

/** The parser waits for ever for the rest of a body whose connection is gone; this does not. */
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

async function readParts(request: FastifyRequest, limits: UploadLimits): Promise<Upload> {
  const upload = { files: [] as UploadedFile[], fields: {} as Record<string, string> }
  let left = limits.bytesMax
  for await (const part of request.parts({ limits: partLimits(limits) })) {
    if (part.type === 'field') {
      const value = fieldValue(part, limits)
      left -= value.length
      upload.fields[part.fieldname] = value
      continue
    }
    const bytes = await readPart(part, limits, left)
    left -= bytes.byteLength
    // A form sends a file field that was left empty as a file without name.
    if (part.filename) upload.files.push({ name: part.filename, bytes })
  }
  return upload
}

const partLimits = (limits: UploadLimits) => ({
  fileSize: limits.fileBytesMax,
  files: limits.filesMax + 1,
  fields: 10,
  fieldNameSize: 100,
  fieldSize: limits.fileBytesMax,
  parts: limits.filesMax + 11,
  headerPairs: 50,
})

function fieldValue(part: MultipartValue, limits: UploadLimits): string {
  if (part.valueTruncated) throw new Refusal('BODY_TOO_LARGE', { max: limits.fileBytesMax })
  return typeof part.value === 'string' ? part.value : ''
}

async function readPart(
  part: MultipartFile,
  limits: UploadLimits,
  left: number,
): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of part.file as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size > left) throw new Refusal('BODY_TOO_LARGE', { max: limits.bytesMax })
    chunks.push(chunk)
  }
  if (part.file.truncated) {
    const name = part.filename?.slice(0, 255) ?? 'The file'
    throw new Refusal('FILE_TOO_LARGE', { name, max: limits.fileBytesMax })
  }
  return Buffer.concat(chunks)
}

function uploadRefusal(error: unknown, limits: UploadLimits): unknown {
  if (error instanceof Refusal) return error
  const { code, statusCode } = error as { code?: string; statusCode?: number }
  switch (code) {
    case 'FST_FILES_LIMIT':
    case 'FST_PARTS_LIMIT':
      return new Refusal('FILES_TOO_MANY', { max: limits.filesMax }, { cause: error })
    case 'FST_REQ_FILE_TOO_LARGE':
      return new Refusal('BODY_TOO_LARGE', { max: limits.fileBytesMax }, { cause: error })
    case 'FST_FIELDS_LIMIT':
    case 'FST_PROTO_VIOLATION':
      return new Refusal('BODY_INVALID', {}, { cause: error })
    case 'FST_INVALID_MULTIPART_CONTENT_TYPE':
      return new Refusal('BODY_TYPE_UNSUPPORTED', {}, { cause: error })
    default: {
      // The parser's complaints about a body that ends early have no code of their own.
      const endedEarly = code === undefined || code === 'ECONNRESET' || (statusCode ?? 500) < 500
      return endedEarly ? new Refusal('UPLOAD_INCOMPLETE', {}, { cause: error }) : error
    }
  }
}

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
