import type { getDocumentProxy } from 'unpdf'
import type { FontFaces } from './font-faces.ts'
import { formFieldItems } from './form-field-items.ts'
import { withScripts } from './scripts.ts'
import type { TextItem } from './text-item.ts'

type Page = Awaited<ReturnType<Awaited<ReturnType<typeof getDocumentProxy>>['getPage']>>

/** The text of a page the way it is read: turned upright, drawn once, with what was filled into its forms. */
export interface PageItems {
  items: TextItem[]
  /** What runs another way than the text of the page: stamps, marks along the margin, watermarks. */
  turned: string[]
  width: number
  height: number
}

interface Placed extends TextItem {
  angle: number
}

/** How far, in degrees, a scanner or a slanted font may bend what is meant to be straight. */
const bendMax = 12

export async function pageItems(page: Page, facesOf: FontFaces): Promise<PageItems> {
  const [left = 0, bottom = 0, right = 0, top = 0] = page.view
  const content = await page.getTextContent()
  const faces = await facesOf(page, content.styles)
  const placed: Placed[] = []
  for (const item of content.items) {
    if (!('str' in item)) continue
    const [a = 1, b = 0, c = 0, d = 0, x = 0, y = 0] = item.transform.map(Number)
    const style = content.styles[item.fontName]
    // A vertical line runs down the page, and the next one stands to its left.
    const isVertical = style?.vertical === true
    placed.push({
      text: composed(item.str),
      x: x - left,
      y: y - bottom,
      width: isVertical ? item.height : item.width,
      size: Math.hypot(c, d),
      isMono: faces.get(item.fontName)?.isMono ?? false,
      isBold: faces.get(item.fontName)?.isBold ?? false,
      angle: (Math.atan2(b, a) * 180) / Math.PI - (isVertical ? 90 : 0),
    })
  }
  for (const field of await formFieldItems(page)) {
    placed.push({ ...field, x: field.x - left, y: field.y - bottom, angle: 0 })
  }
  const visible = placed.filter((item) => item.text.trim() !== '')
  const turn = mostCommonTurn(visible)
  const size = { width: right - left, height: top - bottom }
  const isUpright = (item: Placed) => turnOf(item.angle) === turn
  const upright = visible.filter(isUpright).map((item) => upended(item, turn, size))
  return {
    items: withScripts(drawnOnce(upright)),
    turned: lines(visible.filter((item) => !isUpright(item))),
    width: turn % 180 === 0 ? size.width : size.height,
    height: turn % 180 === 0 ? size.height : size.width,
  }
}

/** Quarter turns in degrees; null for what is slanted. */
function turnOf(angle: number): number | null {
  const turn = Math.round(angle / 90) * 90
  return Math.abs(angle - turn) <= bendMax ? (turn + 360) % 360 : null
}

/** Most of a page's text is upright, whatever the page's own rotation and that of its text add up to. */
function mostCommonTurn(items: readonly Placed[]): number {
  const characters = new Map<number, number>()
  for (const { angle, text } of items) {
    const turn = turnOf(angle)
    if (turn !== null) characters.set(turn, (characters.get(turn) ?? 0) + text.length)
  }
  return [...characters].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0
}

function upended(
  { angle: _angle, ...item }: Placed,
  turn: number,
  { width, height }: { width: number; height: number },
): TextItem {
  const { x, y } = item
  switch (turn) {
    case 90:
      return { ...item, x: y, y: width - x }
    case 180:
      return { ...item, x: width - x, y: height - y }
    case 270:
      return { ...item, x: height - y, y: x }
    default:
      return item
  }
}

/** A shadow, and boldness by drawing twice, put the same words a hair beside themselves. */
function drawnOnce(items: readonly TextItem[]): TextItem[] {
  const drawn = new Map<string, TextItem[]>()
  return items.filter((item) => {
    const same = drawn.get(item.text) ?? []
    drawn.set(item.text, same)
    const near = item.size * 0.2
    // Only the last few can be near: a page of one word over and over must not take quadratic time.
    const isAgain = same
      .slice(-8)
      .some((other) => Math.abs(other.x - item.x) <= near && Math.abs(other.y - item.y) <= near)
    if (!isAgain) same.push(item)
    return !isAgain
  })
}

/** Pieces that go on in their own direction are one line. */
function lines(items: readonly Placed[]): string[] {
  const out: string[] = []
  let last: Placed | undefined
  for (const item of items) {
    const radians = (item.angle * Math.PI) / 180
    const end = last && {
      x: last.x + Math.cos(radians) * last.width,
      y: last.y + Math.sin(radians) * last.width,
    }
    const gap = end ? Math.hypot(item.x - end.x, item.y - end.y) : Number.POSITIVE_INFINITY
    if (last && Math.abs(last.angle - item.angle) < 1 && gap < item.size * 1.5) {
      out.push(`${out.pop() ?? ''}${gap > item.size * 0.15 ? ' ' : ''}${item.text}`)
    } else out.push(item.text)
    last = item
  }
  return out.map((line) => line.replace(/\s+/g, ' ').trim())
}

const marks: Readonly<Record<string, string>> = {
  '\u00b4': '\u0301',
  '\u00a8': '\u0308',
  '\u02c6': '\u0302',
  '\u02dc': '\u0303',
  '\u02c7': '\u030c',
  '\u00b8': '\u0327',
}

/** Marks turned for vertical lines and radicals that stand for the characters they look like. */
const lookalike = /[\ufe10-\ufe19\ufe30-\ufe48\u2e80-\u2fd5]/g

/** Old fonts draw an accent before its letter: `´e` is é, and `ˇc` is č. */
const composed = (text: string): string =>
  text
    .replace(lookalike, (one) => one.normalize('NFKC'))
    .replace(/([\u00b4\u00a8\u02c6\u02dc\u02c7\u00b8])(\p{L})/gu, (all, mark: string, letter) => {
      const one = `${letter === 'ı' ? 'i' : letter}${marks[mark] ?? ''}`.normalize('NFC')
      return [...one].length === 1 ? one : all
    })
