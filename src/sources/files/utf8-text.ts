import { Refusal } from '../../errors.ts'

/** Bytes as text: UTF-8 only, no NUL, byte order mark dropped, line ends as LF. `name` is for the refusal. */
export function utf8Text(bytes: Uint8Array, name: string): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new Refusal('TEXT_NOT_UTF8', { name }, { cause })
  }
  // PostgreSQL cannot store NUL in text, and a text file has none.
  if (text.includes('\0')) throw new Refusal('TEXT_HAS_NUL', { name })
  return text.replace(/\r\n?/g, '\n')
}
