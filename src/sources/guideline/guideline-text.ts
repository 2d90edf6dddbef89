import { Refusal } from '../../errors.ts'
import { uploadedText } from '../files/uploaded-text.ts'

/** Bytes a guideline may have. */
export const maxGuidelineBytes = 1024 * 1024

/** A guideline as clean text. Throws GUIDELINE_EMPTY, GUIDELINE_TOO_LARGE, TEXT_NOT_UTF8 or TEXT_HAS_NUL. */
export function readGuideline(
  bytes: Uint8Array,
  { maxBytes = maxGuidelineBytes }: { maxBytes?: number } = {},
): string {
  if (bytes.byteLength > maxBytes) {
    throw new Refusal('GUIDELINE_TOO_LARGE', { size: bytes.byteLength, max: maxBytes })
  }
  const text = uploadedText(bytes, 'The guideline')
  if (text.trim() === '') throw new Refusal('GUIDELINE_EMPTY')
  return text
}
