import type { LineCell, TextItem, TextLine } from './text-item.ts'

/** A stamp on so many pages is a watermark. */
const watermarkFrom = 3

/** What runs across each page as lines of their own; what most pages have says nothing. */
export function turnedLines(pages: readonly (readonly string[])[]): TextLine[][] {
  const seen = new Map<string, number>()
  for (const text of pages.flat()) seen.set(text, (seen.get(text) ?? 0) + 1)
  return pages.map((texts, index) =>
    texts
      .filter((text) => /[\p{L}\p{N}]{2}/u.test(text) && (seen.get(text) ?? 0) < watermarkFrom)
      .map((text) => ({
        text,
        page: index + 1,
        ...{ x: 0, y: 0, left: 0, width: 0, size: 0, isMono: false, isBold: false },
        isTurned: true,
        cells: [],
      })),
  )
}

interface Row {
  y: number
  items: TextItem[]
}

/** The lines of a page in reading order: two columns are read one after the other, between full-width lines. */
export function pageLines(items: readonly TextItem[], page: number, pageWidth: number): TextLine[] {
  const visible = items.filter((item) => item.text.trim() !== '')
  const gutter = columnGap(visible, pageWidth)
  if (gutter === undefined) return linesOf(rowsOf(visible), page)
  const crossing = (item: TextItem) => item.x < gutter - 2 && item.x + item.width > gutter + 2
  const out: TextLine[] = []
  let left: TextItem[] = []
  let right: TextItem[] = []
  const flush = () => {
    out.push(...linesOf(rowsOf(left), page), ...linesOf(rowsOf(right), page))
    left = []
    right = []
  }
  for (const row of rowsOf(visible)) {
    if (row.items.some(crossing)) {
      flush()
      out.push(...linesOf([row], page))
      continue
    }
    left.push(...row.items.filter((item) => item.x < gutter))
    right.push(...row.items.filter((item) => item.x >= gutter))
  }
  flush()
  return out
}

/** Items of nearly one height, from the top of the page down. */
function rowsOf(items: readonly TextItem[]): Row[] {
  const rows: Row[] = []
  for (const item of [...items].sort((a, b) => b.y - a.y || a.x - b.x)) {
    const last = rows.at(-1)
    if (last && Math.abs(last.y - item.y) <= Math.max(2, item.size * 0.35)) last.items.push(item)
    else rows.push({ y: item.y, items: [item] })
  }
  return rows
}

function linesOf(rows: readonly Row[], page: number): TextLine[] {
  const left = Math.min(...rows.flatMap((row) => row.items.map((item) => item.x)))
  return rows.map((row) => {
    const items = [...row.items].sort((a, b) => a.x - b.x)
    const first = items[0]
    const last = items.at(-1)
    const x = first?.x ?? 0
    return {
      text: joined(items),
      isMono: items.every((item) => item.isMono),
      isBold: items.every((item) => item.isBold || !/[\p{L}\d]/u.test(item.text)),
      cells: cellsOf(items),
      page,
      x,
      y: row.y,
      left,
      size: largestShare(items),
      width: (last ? last.x + last.width : x) - x,
    }
  })
}

/** A gap is a space; a wide gap is the space between two cells of a table. */
function joined(items: readonly TextItem[]): string {
  const isLeftward = runsLeftward(items)
  let out = ''
  let last: TextItem | undefined
  for (const item of isLeftward ? items.toReversed() : items) {
    const gap = last ? gapFrom(last, item, isLeftward) : 0
    if (out !== '' && gap > item.size * 2) out += '   '
    else if (out !== '' && gap > spaceFrom(out, item) && !/\s$/.test(out) && !/^\s/.test(item.text))
      out += ' '
    out += item.text
    last = item
  }
  return out.trim()
}

const gapFrom = (last: TextItem, item: TextItem, isLeftward: boolean): number =>
  isLeftward ? last.x - (item.x + item.width) : item.x - (last.x + last.width)

/** Arabic and Hebrew lines begin at the right; the words within an item are in their order already. */
function runsLeftward(items: readonly TextItem[]): boolean {
  let leftward = 0
  let rightward = 0
  for (const { text } of items) {
    leftward += text.match(/[\p{sc=Arab}\p{sc=Hebr}\p{sc=Syrc}\p{sc=Thaa}]/gu)?.length ?? 0
    rightward += text.match(/[\p{sc=Latn}\p{sc=Cyrl}\p{sc=Grek}\p{sc=Han}]/gu)?.length ?? 0
  }
  return leftward > rightward
}

const script = /[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎]/u
const wide = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\u3000-\u303f\uff00-\uffef]/u

/** How far apart two items of a line are words of their own; wide characters are spaced out without being so. */
function spaceFrom(before: string, { text, size }: TextItem): number {
  if (script.test(text.charAt(0))) return size * 0.5
  if (script.test(before.slice(-1))) return size * 0.2
  return wide.test(before.slice(-1)) && wide.test(text.charAt(0)) ? size : size * 0.15
}

/** Words may be as far apart as their size when a line is stretched to the margin; cells are further. */
function cellsOf(items: readonly TextItem[]): LineCell[] {
  const cells: LineCell[] = []
  let open: TextItem[] = []
  const close = () => {
    const [first] = open
    if (first) cells.push({ text: joined(open), x: first.x, end: endOf(open) })
    open = []
  }
  for (const item of items) {
    if (open.length > 0 && item.x - endOf(open) > item.size) close()
    open.push(item)
  }
  close()
  return cells
}

const endOf = (items: readonly TextItem[]): number =>
  Math.max(...items.map((item) => item.x + item.width))

/** The size most of the line's characters have: a footnote mark must not shrink it. */
function largestShare(items: readonly TextItem[]): number {
  const characters = new Map<number, number>()
  for (const { size, text } of items)
    characters.set(size, (characters.get(size) ?? 0) + text.length)
  return [...characters].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0
}

/**
 * Where the white strip between two columns is: hardly any text crosses it, while both sides hold a good
 * part of the page. Undefined for a page in one column.
 */
function columnGap(items: readonly TextItem[], pageWidth: number): number | undefined {
  if (items.length < 8) return undefined
  const total = items.reduce((sum, item) => sum + item.text.length, 0)
  let best: { x: number; crossing: number } | undefined
  for (let x = pageWidth * 0.35; x <= pageWidth * 0.65; x += 3) {
    let crossing = 0
    let left = 0
    let leftRows = 0
    let rightRows = 0
    for (const item of items) {
      if (item.x + item.width <= x + 1) {
        left += item.text.length
        leftRows += 1
      } else if (item.x >= x - 1) rightRows += 1
      else crossing += item.text.length
    }
    const right = total - left - crossing
    const balanced = left > total * 0.2 && right > total * 0.2 && leftRows > 3 && rightRows > 3
    if (balanced && crossing < total * 0.25 && (!best || crossing < best.crossing))
      best = { x, crossing }
  }
  return best && looksLikeColumns(items, best.x) ? best.x : undefined
}

/** A table of two columns has the same shape; running text has long lines on both sides. */
function looksLikeColumns(items: readonly TextItem[], gap: number): boolean {
  const widths = (side: TextItem[]) => {
    const rows = linesOf(rowsOf(side), 0).map((line) => line.text.length)
    return rows.sort((a, b) => a - b)[Math.floor(rows.length / 2)] ?? 0
  }
  const left = items.filter((item) => item.x + item.width <= gap + 1)
  const right = items.filter((item) => item.x >= gap - 1)
  return widths(left) >= 20 && widths(right) >= 20
}
