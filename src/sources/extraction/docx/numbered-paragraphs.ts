import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'

/** A paragraph's number as Word shows it, and where Markdown can say the same. */
export interface ParagraphNumber {
  /** `1.2`, `(a)`, `§ 3`. */
  label: string
  /** The item's place in a list that Markdown numbers itself; null where only the label can say it. */
  ordinal: number | null
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  removeNSPrefix: true,
  isArray: (name) => /^(?:abstractNum|num|lvl|lvlOverride|style)$/.test(name),
  maxNestedTags: 200,
})

const value = z.object({ val: z.coerce.string() })
const given = value.optional().catch(undefined)

const level = z.object({ ilvl: z.coerce.number(), start: given, numFmt: given, lvlText: given })
type Level = z.infer<typeof level>

const numberingSchema = z.object({
  numbering: z.object({
    abstractNum: z
      .array(z.object({ abstractNumId: z.string(), lvl: z.array(level).default([]) }))
      .default([]),
    num: z
      .array(
        z.object({
          numId: z.string(),
          abstractNumId: value,
          lvlOverride: z
            .array(z.object({ ilvl: z.coerce.number(), startOverride: given }))
            .default([]),
        }),
      )
      .default([]),
  }),
})

const stylesSchema = z.object({
  styles: z.object({
    style: z
      .array(
        z.object({
          styleId: z.string().optional(),
          basedOn: given,
          pPr: z
            .object({ numPr: z.object({ numId: given, ilvl: given }).optional().catch(undefined) })
            .optional()
            .catch(undefined),
        }),
      )
      .default([]),
  }),
})

/** What a paragraph says of its number, itself or by its style. */
interface Place {
  numId: string
  ilvl: number
}

interface Numbering {
  /** The number of the next paragraph of the document; null when it has none, or a bullet. */
  next: (properties: string) => ParagraphNumber | null
}

/** Counts the paragraphs of a document as Word does: lists go on after what interrupts them, headings count 1.1, 1.2. */
export function numberedParagraphs(numberingXml: string, stylesXml: string): Numbering {
  const levels = new Map<string, Map<number, Level>>()
  const restarts = new Map<string, Map<number, number>>()
  const listOf = new Map<string, string>()
  const numbering = parsed(numberingSchema, numberingXml)?.numbering
  for (const { abstractNumId, lvl } of numbering?.abstractNum ?? []) {
    levels.set(abstractNumId, new Map(lvl.map((one) => [one.ilvl, one])))
  }
  for (const { numId, abstractNumId, lvlOverride } of numbering?.num ?? []) {
    listOf.set(numId, abstractNumId.val)
    const starts = lvlOverride.flatMap(({ ilvl, startOverride }): [number, number][] =>
      startOverride ? [[ilvl, Number(startOverride.val)]] : [],
    )
    restarts.set(numId, new Map(starts))
  }
  const placeOfStyle = stylePlaces(stylesXml)
  const counts = new Map<string, number[]>()
  return {
    next(properties) {
      const place = placeIn(properties, placeOfStyle)
      const list = place ? listOf.get(place.numId) : undefined
      const definition = list === undefined ? undefined : levels.get(list)
      if (!place || list === undefined || !definition) return null
      const count = counts.get(list) ?? []
      counts.set(list, count)
      countOn(count, place, definition, restarts.get(place.numId))
      return numberOf(count, place.ilvl, definition)
    },
  }
}

function parsed<T>(schema: z.ZodType<T>, xml: string): T | undefined {
  try {
    return schema.safeParse(parser.parse(xml)).data
  } catch {
    return undefined
  }
}

function stylePlaces(xml: string): ReadonlyMap<string, Partial<Place>> {
  const styles = parsed(stylesSchema, xml)?.styles.style ?? []
  const byId = new Map(styles.flatMap((style) => (style.styleId ? [[style.styleId, style]] : [])))
  const places = new Map<string, Partial<Place>>()
  for (const id of byId.keys()) {
    const place: Partial<Place> = {}
    let style = byId.get(id)
    for (let step = 0; style && step < 12; step += 1) {
      const numPr = style.pPr?.numPr
      if (numPr?.numId) place.numId ??= numPr.numId.val
      if (numPr?.ilvl) place.ilvl ??= Number(numPr.ilvl.val)
      style = byId.get(style.basedOn?.val ?? '')
    }
    places.set(id, place)
  }
  return places
}

function placeIn(properties: string, styles: ReadonlyMap<string, Partial<Place>>): Place | null {
  const own = /<w:numPr>([\s\S]*?)<\/w:numPr>/.exec(properties)?.[1] ?? ''
  const said = (name: string, text: string) =>
    new RegExp(`<w:${name}\\s[^>]*?w:val="([^"]*)"`).exec(text)?.[1]
  const style = styles.get(said('pStyle', properties) ?? '')
  const numId = said('numId', own) ?? style?.numId
  if (numId === undefined || numId === '0') return null
  return { numId, ilvl: Number(said('ilvl', own) ?? style?.ilvl ?? 0) }
}

function countOn(
  count: (number | undefined)[],
  { ilvl }: Place,
  definition: ReadonlyMap<number, Level>,
  restarts: Map<number, number> | undefined,
): void {
  const startOf = (at: number) => Number(definition.get(at)?.start?.val ?? 1)
  // A list that is told to begin anew does so once.
  const restart = restarts?.get(ilvl)
  restarts?.delete(ilvl)
  for (let at = 0; at < ilvl; at += 1) count[at] ??= startOf(at)
  count[ilvl] = restart ?? (count[ilvl] === undefined ? startOf(ilvl) : (count[ilvl] ?? 0) + 1)
  count.length = ilvl + 1
}

function numberOf(
  count: readonly (number | undefined)[],
  ilvl: number,
  definition: ReadonlyMap<number, Level>,
): ParagraphNumber | null {
  const own = definition.get(ilvl)
  const format = own?.numFmt?.val ?? 'decimal'
  const pattern = own?.lvlText?.val ?? `%${ilvl + 1}.`
  if (format === 'bullet' || format === 'none') return null
  const label = pattern.replace(/%(\d)/g, (_all, digit: string) => {
    const at = Number(digit) - 1
    return inFormat(count[at] ?? 1, definition.get(at)?.numFmt?.val ?? 'decimal')
  })
  const isPlain = format === 'decimal' && /^%\d[.)]?$/.test(pattern)
  return label.trim() === ''
    ? null
    : { label: label.trim(), ordinal: isPlain ? (count[ilvl] ?? 1) : null }
}

function inFormat(number: number, format: string): string {
  switch (format) {
    case 'lowerLetter':
    case 'upperLetter': {
      const letter = String.fromCharCode(97 + ((number - 1) % 26)).repeat(Math.ceil(number / 26))
      return format === 'upperLetter' ? letter.toUpperCase() : letter
    }
    case 'lowerRoman':
      return roman(number)
    case 'upperRoman':
      return roman(number).toUpperCase()
    case 'decimalZero':
      return String(number).padStart(2, '0')
    default:
      return String(number)
  }
}

const numerals: readonly (readonly [number, string])[] = [
  [1000, 'm'],
  [900, 'cm'],
  [500, 'd'],
  [400, 'cd'],
  [100, 'c'],
  [90, 'xc'],
  [50, 'l'],
  [40, 'xl'],
  [10, 'x'],
  [9, 'ix'],
  [5, 'v'],
  [4, 'iv'],
  [1, 'i'],
]

function roman(number: number): string {
  let left = Math.min(number, 3999)
  let out = ''
  for (const [worth, numeral] of numerals) {
    while (left >= worth) {
      out += numeral
      left -= worth
    }
  }
  return out
}
