import type { getDocumentProxy } from 'unpdf'

type Page = Awaited<ReturnType<Awaited<ReturnType<typeof getDocumentProxy>>['getPage']>>

/** What a typeface says by its looks. */
export interface FontFace {
  isBold: boolean
  isMono: boolean
}

/** The faces behind the fonts of a page, by the names that its text uses for them. */
export type FontFaces = (
  page: Page,
  styles: Readonly<Record<string, { fontFamily: string }>>,
) => Promise<ReadonlyMap<string, FontFace>>

/**
 * The engine tells the real name of a font only when a page is prepared for drawing, so that is done for the
 * pages that bring a new font, and for no more of them than this: it costs a fifth of reading their text.
 */
const preparedMax = 40

/** Looks up the faces of one document's fonts; an unknown one is neither bold nor known to be code. */
export function createFontFaces(): FontFaces {
  const faces = new Map<string, FontFace>()
  let prepared = 0
  return async (page, styles) => {
    const fresh = Object.entries(styles).filter(([font]) => !faces.has(font))
    if (fresh.length > 0 && prepared < preparedMax) {
      prepared += 1
      await page.getOperatorList().catch(() => undefined)
    }
    for (const [font, { fontFamily }] of fresh) {
      const known: unknown = page.commonObjs.has(font) ? page.commonObjs.get(font) : undefined
      faces.set(font, faceOf(nameOf(known), fontFamily === 'monospace'))
    }
    return faces
  }
}

const nameOf = (font: unknown): string =>
  font !== null && typeof font === 'object' && 'name' in font ? String(font.name) : ''

const bold = /bold|black|heavy|demi(?!c)|(?:^|\+)(?:CMB|SFBX|ECBX)|Nimbus\w+-Medi/i
/** TeX's fonts for text and formulas claim one width for all characters, as only the last of these have. */
const proportional = /(?:^|\+)(?:CM|MS[AB]M|LM(?:Roman|Math|Sans))(?!\w*(?:TT|Mono))/i

const faceOf = (name: string, saysMono: boolean): FontFace => ({
  isBold: bold.test(name),
  isMono: saysMono && !proportional.test(name),
})
