import chardet from 'chardet'
import { cjkEncoding } from './cjk-encoding.ts'
import { cyrillicEncoding } from './cyrillic-encoding.ts'

/** The encoding of a text that says nothing of it, and whether the bytes leave no doubt. */
export interface DetectedEncoding {
  encoding: string
  isSure: boolean
}

const sampleBytes = 200_000
/** From here on the detector has seen words of the language and not its letters only. */
const confidenceMin = 40

/**
 * Which encoding bytes without a byte order mark are in. Short texts, a comment in code above all, are where a
 * statistical detector guesses wrong, so structure is asked first: UTF-16 by its zeros, UTF-8 by its rules, East Asian
 * encodings by their blocks, Cyrillic ones by their letters.
 */
export function detectEncoding(bytes: Uint8Array): DetectedEncoding {
  const utf16 = utf16ByZeros(bytes)
  if (utf16) return { encoding: utf16, isSure: true }
  if (isWellFormed(bytes, 'utf-8')) {
    return { encoding: isIso2022(bytes) ? 'iso-2022-jp' : 'utf-8', isSure: true }
  }
  const found = cyrillicEncoding(bytes) ?? cjkEncoding(bytes) ?? utf16ByScript(bytes)
  return found ? { encoding: found, isSure: true } : western(bytes)
}

function western(bytes: Uint8Array): DetectedEncoding {
  for (const { name, confidence } of chardet.analyse(bytes.subarray(0, sampleBytes))) {
    const encoding = labelled(name)
    // Where nothing fits, its multibyte encodings come with a floor of confidence that means nothing.
    if (encoding === null || isMultibyte.test(encoding)) continue
    const isText = !/[\u0080-\u009f\ufffd]/.test(new TextDecoder(encoding).decode(bytes))
    return { encoding, isSure: isText && confidence >= confidenceMin }
  }
  return { encoding: 'windows-1252', isSure: false }
}

const isMultibyte = /^(?:utf|gb|big5|euc|shift|iso-2022)/

function labelled(label: string): string | null {
  try {
    return new TextDecoder(label).encoding
  } catch {
    return null
  }
}

function isWellFormed(bytes: Uint8Array, encoding: string): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

/** Japanese mail of before: escape sequences around pairs of ASCII. Colours of a terminal begin with the same character. */
const isIso2022 = (bytes: Uint8Array): boolean =>
  bytes.includes(0x1b) &&
  new TextDecoder('latin1')
    .decode(bytes.subarray(0, sampleBytes))
    .split('\u001b')
    .slice(1)
    .some((piece) => /^\$[@B][!-~]{2}/.test(piece))

/** No text but one of two bytes a character has zeros; they stand where the high byte of ASCII is. */
function utf16ByZeros(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (bytes.length < 4 || bytes.length % 2 === 1 || !bytes.includes(0)) return null
  let even = 0
  let odd = 0
  const sample = bytes.subarray(0, sampleBytes)
  for (let at = 0; at < sample.length; at += 2) {
    if (sample[at] === 0) even += 1
    if (sample[at + 1] === 0) odd += 1
  }
  if (even === odd) return null
  const encoding = odd > even ? 'utf-16le' : 'utf-16be'
  return utf16Text(sample, encoding) === null ? null : encoding
}

/** A text in one script without a space or a line end has no zeros. */
function utf16ByScript(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (bytes.length < 8 || bytes.length % 2 === 1) return null
  for (const encoding of ['utf-16le', 'utf-16be'] as const) {
    const text = utf16Text(bytes.subarray(0, sampleBytes), encoding)
    if (text === null) continue
    const common = text.match(/[的一是不了在有人三第을를이다のはをにで。，、]/gu)?.length ?? 0
    const script = text.match(
      /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\u3000-\u303f\uff00-\uffef]/gu,
    )
    if ((script?.length ?? 0) >= text.length * 0.95 && common >= text.length * 0.04) return encoding
  }
  return null
}

function utf16Text(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): string | null {
  const text = new TextDecoder(encoding).decode(bytes)
  return /[^\P{Cc}\t\n\v\f\r]|[\ufffd\p{Cn}\p{Co}]/u.test(text) ? null : text
}
