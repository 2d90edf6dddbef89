import type { Heading, List, Paragraph, RootContent } from 'mdast'
import { addCode, dedentCode, setsCodeApart } from './code-lines.ts'
import type { TextLine } from './text-item.ts'

const bullet = /^[•●▪◦‣∙·*–-]\s+/
/** The dots between an entry of a table of contents and its page. */
const leader = /(?:\s*\.){5,}\s*/
const numbered = /^(?:\(?\d{1,3}[.)]|\[\d{1,3}\])\s+/
const section = /^(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|Appendix [A-Z])\s+\p{Lu}/u

/** Lines as headings, paragraphs and lists: sizes tell the headings, gaps and indents the paragraphs. */
export function blocksOf(lines: readonly TextLine[]): RootContent[] {
  const body = bodySize(lines)
  const levels = headingLevels(lines, body)
  const hasCode = setsCodeApart(lines)
  const blocks: RootContent[] = []
  let open: TextLine[] = []
  const close = () => {
    if (open.length > 0) addBlock(blocks, open)
    open = []
  }
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1]
    const bySize = levels.get(roundedSize(line.size))
    const level = bySize ?? (isSection(line, before, lines[index + 1]) ? 3 : 0)
    const isCode = hasCode && bySize === undefined && isListing(line, before, lines[index + 1])
    if (isCode) {
      close()
      const after = before?.isMono === true && before.page === line.page
      addCode(blocks, line, after ? before : undefined)
      continue
    }
    if (leader.test(line.text)) {
      close()
      blocks.push(contentsEntry(line))
      continue
    }
    if (level > 0 && line.text.length < 200 && /\p{L}/u.test(line.text)) {
      close()
      addHeading(blocks, line, level as Heading['depth'], before)
      continue
    }
    if (before && !(hasCode && before.isMono) && beginsBlock(line, before)) close()
    open.push(line)
  }
  close()
  dedentCode(blocks)
  return blocks
}

const roundedSize = (size: number): number => Math.round(size * 2) / 2

function bodySize(lines: readonly TextLine[]): number {
  const characters = new Map<number, number>()
  for (const line of lines) {
    const size = roundedSize(line.size)
    characters.set(size, (characters.get(size) ?? 0) + line.text.length)
  }
  return [...characters].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0
}

function headingLevels(lines: readonly TextLine[], body: number): Map<number, number> {
  const sizes = new Set(
    lines.map((line) => roundedSize(line.size)).filter((size) => size >= body * 1.12),
  )
  const descending = [...sizes].sort((a, b) => b - a)
  return new Map(descending.map((size, rank) => [size, Math.min(rank + 1, 3)]))
}

/** A numbered section title in the size of the text: short, alone, and followed by text. */
const isSection = (
  line: TextLine,
  before: TextLine | undefined,
  after: TextLine | undefined,
): boolean =>
  section.test(line.text) &&
  line.text.length < 80 &&
  !/[.;,:]$/.test(line.text) &&
  (!before || gapBetween(before, line) > 1.4) &&
  after !== undefined

/** One line alone, close below running text, is a name in a sentence that was broken there. */
const isListing = (
  line: TextLine,
  before: TextLine | undefined,
  after: TextLine | undefined,
): boolean =>
  line.isMono &&
  (before?.isMono !== false ||
    after?.isMono === true ||
    gapBetween(before, line) > 1.5 ||
    /[.:!?]$/.test(before.text))

/** Distance of two base lines in units of the line's size; a new page or column counts as close. */
function gapBetween(above: TextLine, below: TextLine): number {
  const distance = above.y - below.y
  return above.page !== below.page || distance < 0 ? 1 : distance / (below.size || 1)
}

function beginsBlock(line: TextLine, before: TextLine): boolean {
  if (bullet.test(line.text) || numbered.test(line.text)) return true
  if (Math.abs(line.size - before.size) > 1) return true
  const continues = line.page !== before.page || before.y < line.y
  if (continues) return /[.!?:]["'”’)]?$/.test(before.text) && line.x > line.left + line.size * 0.8
  if (gapBetween(before, line) > 1.7) return true
  const indented =
    line.x > line.left + line.size * 0.8 && before.x <= before.left + before.size * 0.5
  return indented && !bullet.test(before.text)
}

function addBlock(blocks: RootContent[], lines: readonly TextLine[]): void {
  const value = lines.map((line) => line.text).reduce(joinLines, '')
  if (!bullet.test(value)) {
    blocks.push(paragraph(value))
    return
  }
  const item: List['children'][number] = {
    type: 'listItem',
    spread: false,
    children: [paragraph(value.replace(bullet, ''))],
  }
  const last = blocks.at(-1)
  if (last?.type === 'list') last.children.push(item)
  else blocks.push({ type: 'list', ordered: false, spread: false, children: [item] })
}

const contentsEntry = (line: TextLine): Paragraph => paragraph(line.text.replace(leader, ' … '))

/** A word broken at the end of a line is one word again; a hyphen before a capital belongs there. */
function joinLines(before: string, line: string): string {
  if (before === '') return line
  if (/\p{Ll}[-\u2010]$/u.test(before) && /^\p{Ll}/u.test(line)) return before.slice(0, -1) + line
  return `${before} ${line}`
}

/** A title broken over two lines of the same size is one heading. */
function addHeading(
  blocks: RootContent[],
  line: TextLine,
  depth: Heading['depth'],
  before: TextLine | undefined,
): void {
  const last = blocks.at(-1)
  const [text] = last?.type === 'heading' && last.depth === depth ? last.children : []
  const continues =
    before?.page === line.page && before.size === line.size && gapBetween(before, line) < 1.6
  if (text?.type === 'text' && continues && !section.test(line.text))
    text.value = joinLines(text.value, line.text)
  else blocks.push({ type: 'heading', depth, children: [{ type: 'text', value: line.text }] })
}

const paragraph = (value: string): Paragraph => ({
  type: 'paragraph',
  children: [{ type: 'text', value }],
})
