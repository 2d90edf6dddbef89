import type { TextItem } from './text-item.ts'

const raised: Readonly<Record<string, string>> = lookup(
  '0123456789+-−–=()naieo',
  '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿᵃⁱᵉᵒ',
)
const lowered: Readonly<Record<string, string>> = lookup(
  '0123456789+-−–=()aeoxhklmnpstijruv',
  '₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥ',
)

function lookup(from: string, to: string): Readonly<Record<string, string>> {
  const targets = [...to]
  return Object.fromEntries([...from].map((character, at) => [character, targets[at] ?? '']))
}

/** The letters of ordinals stand raised and change no number: 1st, 2e, 3o. */
const ordinal = /^(?:st|nd|rd|th|er|re|e|ème|o|a|os|as)$/i

const bandHeight = 12
/** A mark of more characters than this is small text of its own. */
const scriptMax = 12

/** What some writers only lift, and leave as large as it was. */
const isExponent = /^[+−–-]?\d{1,3}$/

interface Script {
  item: TextItem
  host: TextItem
  isRaised: boolean
}

/**
 * The items of a page with raised and lowered marks in the line they belong to: 10⁶, H₂O. On a line of their own they
 * change a number, and glued to it as they are they change it worse.
 */
export function withScripts(items: readonly TextItem[]): TextItem[] {
  const bands = new Map<number, TextItem[]>()
  const bandOf = (y: number) => Math.floor(y / bandHeight)
  for (const item of items) {
    const band = bands.get(bandOf(item.y)) ?? []
    bands.set(bandOf(item.y), band)
    band.push(item)
  }
  const near = (item: TextItem) =>
    [-2, -1, 0, 1, 2].flatMap((step) => bands.get(bandOf(item.y) + step) ?? [])
  const scripts = new Map<TextItem, Script>()
  for (const item of [...items].sort((a, b) => a.x - b.x)) {
    if (item.text.trim().length > scriptMax) continue
    const script = scriptOf(item, near(item), scripts)
    if (script) scripts.set(item, script)
  }
  return items.map((item) => {
    const script = scripts.get(item)
    if (!script) return item
    // The engine gives a space between two items to the first of them.
    const after = /\s*$/.exec(item.text)?.[0] ?? ''
    const { y, isMono, isBold } = script.host
    return { ...item, y, isMono, isBold, text: written(script) + after }
  })
}

function scriptOf(
  item: TextItem,
  around: readonly TextItem[],
  known: ReadonlyMap<TextItem, Script>,
): Script | undefined {
  for (const other of around) {
    if (other === item) continue
    const before = known.get(other)
    if (before && goesOn(item, other)) return { ...before, item }
    if (before || !touches(item, other)) continue
    const ratio = item.size / other.size
    const rise = (item.y - other.y) / other.size
    // An initial over several lines is much larger than the words beside it, and small capitals stand on the line.
    if (ratio < 0.45 || ratio > (isExponent.test(item.text.trim()) ? 1.05 : 0.82)) continue
    if (rise > 0.1 && rise < 0.75) return { item, host: other, isRaised: true }
    if (rise < -0.06 && rise > -0.45) return { item, host: other, isRaised: false }
  }
  return undefined
}

/** The second of two marks in a row follows the first on its own base line. */
const goesOn = (item: TextItem, before: TextItem): boolean =>
  Math.abs(item.y - before.y) < 0.5 &&
  Math.abs(item.size - before.size) < 0.5 &&
  Math.abs(item.x - (before.x + before.width)) < item.size * 0.3

function touches(item: TextItem, other: TextItem): boolean {
  const behind = item.x - (other.x + other.width)
  const ahead = other.x - (item.x + item.width)
  const reach = other.size * 0.25
  const isBehind = behind > -other.size * 0.4 && behind < reach && !/\s$/.test(other.text)
  const isAhead = ahead > -other.size * 0.4 && ahead < reach && !/^\s/.test(other.text)
  return isBehind || (isAhead && /^[\d*†‡§,\s]+$/.test(item.text))
}

function written({ item, host, isRaised }: Script): string {
  const text = item.text.trim()
  if (isRaised && ordinal.test(text) && /\d\s*$/.test(host.text)) return text
  const table = isRaised ? raised : lowered
  const characters = [...text]
  // A degree, a prime, a dagger: signs that stand high by themselves.
  if (!/[\p{L}\p{N}+−=-]/u.test(text)) return text
  if (characters.every((character) => character in table || /[,\s*†‡§]/.test(character))) {
    return characters.map((character) => table[character] ?? character).join('')
  }
  return /^\p{L}+$/u.test(text) && !isRaised ? text : `${isRaised ? '^' : '_'}${text}`
}
