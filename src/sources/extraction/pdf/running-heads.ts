import type { TextLine } from './text-item.ts'

/**
 * Page numbers and lines that repeat at the same height on most pages carry nothing. Neither does a line in
 * the margin that counts with the pages ("Chapter 3: Utilities  6"), whatever else stands in it.
 */
export function withoutRunningHeads(
  pages: readonly (readonly TextLine[])[],
  pageHeight: number,
): TextLine[][] {
  const margins = pages.flatMap((lines) => lines.filter((line) => inMargin(line, pageHeight)))
  const seen = countOf(margins.map(keyOf))
  const counting = countOf(margins.flatMap(pageOffsets))
  const often = Math.max(3, pages.length * 0.4)
  const isHead = (line: TextLine) =>
    isPageNumber(line.text) ||
    (seen.get(keyOf(line)) ?? 0) >= often ||
    pageOffsets(line).some((offset) => (counting.get(offset) ?? 0) >= often)
  return pages.map((lines) => lines.filter((line) => !inMargin(line, pageHeight) || !isHead(line)))
}

function countOf<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

/** How far numbers at the ends of a short line are from the number of its page in the file. */
function pageOffsets(line: TextLine): number[] {
  if (line.text.length > 100) return []
  const numbers = /^(\d{1,4})\s|\s(\d{1,4})$/g
  return [...line.text.matchAll(numbers)].map((match) => Number(match[1] ?? match[2]) - line.page)
}

const inMargin = (line: TextLine, height: number): boolean =>
  line.y > height * 0.88 || line.y < height * 0.12

const isPageNumber = (text: string): boolean =>
  /^(page\s+)?[-–—\s]*(\d{1,4}|[ivxl]{1,6})[-–—\s]*((of|\/)\s*\d{1,4})?$/i.test(text)

const keyOf = (line: TextLine): string =>
  `${Math.round(line.y / 4)} ${line.text.replace(/\d+/g, '#')}`
