import { decodeText } from '../extraction/decode-text.ts'
import { binarySignature } from './file-signature.ts'
import { wellFormedText } from './uploaded-text.ts'

/**
 * A repository's file as text with LF line ends, or null when it is binary. UTF-8 where it is valid, then what the file
 * says of itself (`# coding: gbk`, a declaration, a byte order mark), then what the bytes look like: the decoder of pages.
 */
export function sourceText(bytes: Uint8Array): string | null {
  if (binarySignature(bytes) !== null) return null
  const text = wellFormedText(bytes) ?? declaredText(bytes)
  return looksBinary(text) ? null : text.replace(/\r\n?/g, '\n')
}

function declaredText(bytes: Uint8Array): string {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 1000))
  const coding = /(?:coding[:=]|@charset)\s*"?([-\w.]{2,40})/.exec(head)?.[1] ?? null
  return decodeText(bytes, coding, head.startsWith('<?xml') ? 'xml' : 'text').text
}

/** No text has NUL; pictures and programs have controls, and so has whatever else was decoded as what it is not. */
function looksBinary(text: string): boolean {
  // Escape colours logs, and NEL ends lines of mainframes.
  const sample = text.slice(0, 100_000).replaceAll('\u001b', '')
  const controls = sample.match(/[^\P{Cc}\t\n\v\f\r\u0085]|\ufffd/gu)?.length ?? 0
  return text.includes('\0') || controls > sample.length * 0.05
}
