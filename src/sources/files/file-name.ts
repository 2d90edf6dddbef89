import { Refusal } from '../../errors.ts'
import { visibleText } from '../../visible-text.ts'

const maxCharacters = 255

/**
 * The one form of a file name: base name, NFC, no characters that hide or reorder text. Names from a Mac
 * (decomposed accents) and from a guideline then match. Throws FILE_NAME_INVALID.
 */
export function normaliseFileName(name: string): string {
  const base = (name.split(/[/\\]/).at(-1) ?? '').normalize('NFC').trim()
  const bad =
    base === '' ||
    /^\.+$/.test(base) ||
    /[\n\t]/.test(base) ||
    visibleText(base) !== base ||
    [...base].length > maxCharacters
  if (bad) throw new Refusal('FILE_NAME_INVALID')
  return base
}
