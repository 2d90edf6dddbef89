import { Refusal } from '../../errors.ts'

const maxCharacters = 255
/** Control characters, bidirectional overrides, line separators, lone surrogates, invisible spaces. */
const forbidden = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/u

/**
 * The one form of a file name: base name, NFC, no characters that hide or reorder text. Names from a Mac
 * (decomposed accents) and from a guideline then match. Throws FILE_NAME_INVALID.
 */
export function normaliseFileName(name: string): string {
  const base = (name.split(/[/\\]/).at(-1) ?? '').normalize('NFC').trim()
  const bad =
    base === '' || /^\.+$/.test(base) || forbidden.test(base) || [...base].length > maxCharacters
  if (bad) throw new Refusal('FILE_NAME_INVALID')
  return base
}
