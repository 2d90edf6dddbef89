import { Refusal } from '../../errors.ts'
import { detectEncoding } from './detect-encoding.ts'

/**
 * A user's bytes as text: no NUL, byte order mark dropped, line ends as LF. UTF-8, UTF-16 with its mark, and any
 * encoding that the bytes leave no doubt about. `name` is for the refusal.
 */
export function uploadedText(bytes: Uint8Array, name: string): string {
  const text = wellFormedText(bytes) ?? surelyDecoded(bytes)
  if (text === null) throw new Refusal('TEXT_NOT_UTF8', { name })
  // PostgreSQL cannot store NUL in text, and a text file has none.
  if (text.includes('\0')) throw new Refusal('TEXT_HAS_NUL', { name })
  return text.replace(/\r\n?/g, '\n')
}

/** What is UTF-8, or UTF-16 by its byte order mark; null for anything else. */
export function wellFormedText(bytes: Uint8Array): string | null {
  const [first, second] = bytes
  const isLittle = first === 0xff && second === 0xfe
  const isBig = first === 0xfe && second === 0xff
  const encoding = isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8'
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
    // Zeros in what is valid UTF-8 may be UTF-16 without its mark.
    const mayBeOther = text.includes('\0') || text.includes('\u001b$')
    return encoding === 'utf-8' && mayBeOther ? surelyDecoded(bytes) : text
  } catch {
    return null
  }
}

function surelyDecoded(bytes: Uint8Array): string | null {
  const { encoding, isSure } = detectEncoding(bytes)
  return isSure ? new TextDecoder(encoding).decode(bytes) : null
}
