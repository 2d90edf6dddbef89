import { Refusal } from '../../errors.ts'
import { dispositionName } from './disposition-name.ts'

/** One part of a form. */
export interface MultipartPart {
  field: string
  /** The name of a file as its sender gave it, '' for a file field that was left empty; null for any other field. */
  fileName: string | null
  /** A view of the body, not a copy. */
  bytes: Buffer
}

const headerBytesMax = 16 * 1024

/** The boundary between the parts, or null when the type is not that of a form. */
export function multipartBoundary(contentType: string | undefined): string | null {
  const found =
    /^\s*multipart\/form-data\s*;.*?boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/is.exec(
      contentType ?? '',
    )
  return found?.[1] ?? found?.[2] ?? null
}

/**
 * The parts of a whole body, each byte looked at once. The parser of the framework's plugin gives no headers, and takes a
 * fallback name before the true one. Throws UPLOAD_INCOMPLETE, FILES_TOO_MANY
 * and BODY_INVALID.
 */
export function multipartParts(body: Buffer, boundary: string, partsMax: number): MultipartPart[] {
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  const parts: MultipartPart[] = []
  // The first one has no line before it.
  const opens = body.subarray(0, delimiter.length - 2).equals(delimiter.subarray(2))
  let at = opens ? delimiter.length - 2 : endOfDelimiter(body, delimiter, 0)
  for (;;) {
    if (at < 0) throw new Refusal('UPLOAD_INCOMPLETE')
    if (body.toString('latin1', at, at + 2) === '--') return parts
    const lineEnd = body.indexOf('\r\n', at, 'latin1')
    const headEnd = body.indexOf('\r\n\r\n', at, 'latin1')
    if (lineEnd < 0 || headEnd < 0) throw new Refusal('UPLOAD_INCOMPLETE')
    if (headEnd - at > headerBytesMax) throw new Refusal('BODY_INVALID')
    if (parts.length >= partsMax) throw new Refusal('FILES_TOO_MANY', { max: partsMax })
    const end = endOfDelimiter(body, delimiter, headEnd + 2)
    if (end < 0) throw new Refusal('UPLOAD_INCOMPLETE')
    const head = body.toString('latin1', lineEnd + 2, headEnd)
    const bytes = body.subarray(
      Math.min(headEnd + 4, end),
      Math.max(headEnd + 4, end - delimiter.length),
    )
    const part = partOf(head, bytes)
    if (part) parts.push(part)
    at = end
  }
}

/** Behind the next delimiter, which only another line or two dashes may follow: a longer boundary begins like a shorter one. */
function endOfDelimiter(body: Buffer, delimiter: Buffer, from: number): number {
  for (
    let found = body.indexOf(delimiter, from);
    found >= 0;
    found = body.indexOf(delimiter, found + 1)
  ) {
    const end = found + delimiter.length
    if (/^(?:--|[ \t]*\r\n|[ \t]*$)/.test(body.toString('latin1', end, end + 8))) return end
  }
  return -1
}

function partOf(head: string, bytes: Buffer): MultipartPart | null {
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  const headerOf = (name: string) =>
    lines
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim()
  const disposition = headerOf('content-disposition') ?? ''
  if (!/^form-data\b/i.test(disposition)) return null
  const field = dispositionName(disposition, 'name')
  if (field === null) return null
  const fileName = dispositionName(disposition, 'filename')
  const isBinary = /^application\/octet-stream/i.test(headerOf('content-type') ?? '')
  return { field, fileName: fileName ?? (isBinary ? '' : null), bytes }
}
