import type { TextLine } from './text-item.ts'

/** Page numbers and the lines that repeat at the same height on most pages carry nothing; they are dropped. */
export function withoutRunningHeads(
  pages: readonly (readonly TextLine[])[],
  pageHeight: number,
): TextLine[][] {
  const seen = new Map<string, number>()
  for (const lines of pages) {
    for (const key of new Set(lines.filter((line) => inMargin(line, pageHeight)).map(keyOf))) {
      seen.set(key, (seen.get(key) ?? 0) + 1)
    }
  }
  const often = Math.max(3, pages.length * 0.4)
  return pages.map((lines) =>
    lines.filter((line) => {
      if (!inMargin(line, pageHeight)) return true
      return !isPageNumber(line.text) && (seen.get(keyOf(line)) ?? 0) < often
    }),
  )
}

const inMargin = (line: TextLine, height: number): boolean =>
  line.y > height * 0.88 || line.y < height * 0.12

const isPageNumber = (text: string): boolean =>
  /^(page\s+)?[-–—\s]*(\d{1,4}|[ivxl]{1,6})[-–—\s]*((of|\/)\s*\d{1,4})?$/i.test(text)

const keyOf = (line: TextLine): string =>
  `${Math.round(line.y / 4)} ${line.text.replace(/\d+/g, '#')}`
