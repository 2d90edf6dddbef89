import type { Heading, RootContent } from 'mdast'
import { itemNumber } from './add-text.ts'
import { gapBetween } from './gap-between.ts'
import type { JoinLines } from './join-lines.ts'
import type { TextLine } from './text-item.ts'

const section = /^(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|Appendix [A-Z])\s+\p{Lu}/u
const titleMax = 200

/** Tells how deep a heading a line is; 0 for text. */
export type HeadingLevel = (
  line: TextLine,
  before: TextLine | undefined,
  after: TextLine | undefined,
) => number

/**
 * A line larger than the text is a heading, and the sizes give the levels. In the text's own size it is one
 * when it stands apart and is numbered as a section, or is set bold above text that is not.
 */
export function headingLevels(lines: readonly TextLine[]): HeadingLevel {
  const sizes = sizeLevels(lines)
  const boldLevel = Math.max(2, Math.min(4, sizes.size + 1))
  const setsBoldApart = charactersOf(lines.filter((line) => line.isBold)) < charactersOf(lines) / 4
  return (line, before, after) => {
    if (line.text.length >= titleMax || !/\p{L}/u.test(line.text)) return 0
    const bySize = sizes.get(roundedSize(line.size))
    if (bySize !== undefined) return bySize
    if (line.isMono || !after || !standsApart(line, before)) return 0
    if (setsBoldApart && isBoldTitle(line, after)) return boldLevel
    return isSection(line) && !isCounted(line, after) ? 3 : 0
  }
}

/** A title broken over two lines of the same size is one heading. */
export function addHeading(
  blocks: RootContent[],
  line: TextLine,
  depth: Heading['depth'],
  { before, join }: { before: TextLine | undefined; join: JoinLines },
): void {
  const last = blocks.at(-1)
  const [text] = last?.type === 'heading' && last.depth === depth ? last.children : []
  const continues =
    before?.page === line.page && before.size === line.size && gapBetween(before, line) < 1.6
  if (text?.type === 'text' && continues && !section.test(line.text))
    text.value = join(text.value, line.text)
  else blocks.push({ type: 'heading', depth, children: [{ type: 'text', value: line.text }] })
}

const roundedSize = (size: number): number => Math.round(size * 2) / 2

const charactersOf = (lines: readonly TextLine[]): number =>
  lines.reduce((sum, { text }) => sum + text.length, 0)

function sizeLevels(lines: readonly TextLine[]): Map<number, number> {
  const characters = new Map<number, number>()
  for (const line of lines) {
    const size = roundedSize(line.size)
    characters.set(size, (characters.get(size) ?? 0) + line.text.length)
  }
  const body = [...characters].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0
  const larger = [...characters.keys()].filter((size) => size >= body * 1.12)
  return new Map(
    larger.sort((a, b) => b - a).map((size, rank) => [size, Math.min(rank + 1, 3)] as const),
  )
}

const standsApart = (line: TextLine, before: TextLine | undefined): boolean =>
  !before || before.page !== line.page || before.y < line.y || gapBetween(before, line) > 1.4

const isSection = (line: TextLine): boolean =>
  section.test(line.text) && line.text.length < 80 && !/[.;,:]$/.test(line.text)

/** The first item of a list looks like a section until the next number follows at once. */
const isCounted = (line: TextLine, after: TextLine): boolean =>
  itemNumber(after.text) === itemNumber(line.text) + 1 && gapBetween(line, after) < 1.7

/** Bold words at the start of a sentence, or a whole bold paragraph, are emphasis. */
const isBoldTitle = (line: TextLine, after: TextLine): boolean =>
  line.isBold &&
  !after.isBold &&
  line.text.length < 100 &&
  line.cells.length === 1 &&
  !/[.;,]$/.test(line.text)
