import type { Heading, Paragraph, RootContent } from 'mdast'
import { addText, beginsItem, paragraph } from './add-text.ts'
import { addCode, dedentCode, setsCodeApart } from './code-lines.ts'
import { gapBetween } from './gap-between.ts'
import { addHeading, headingLevels } from './headings.ts'
import { lineJoiner } from './join-lines.ts'
import { tableAt } from './tables.ts'
import type { TextLine } from './text-item.ts'

/** The dots between an entry of a table of contents and its page. */
const leader = /(?:\s*\.){5,}\s*/

/** Lines as headings, paragraphs, lists, tables and listings, in their order. */
export function blocksOf(lines: readonly TextLine[]): RootContent[] {
  const join = lineJoiner(lines.map((line) => line.text))
  const levelOf = headingLevels(lines.filter((line) => !line.isTurned))
  const hasCode = setsCodeApart(lines)
  const blocks: RootContent[] = []
  let open: TextLine[] = []
  const close = () => {
    const [first] = open
    if (first) addText(blocks, open.map((line) => line.text).reduce(join, ''), first)
    open = []
  }
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index]
    if (!line) break
    const before = lines[index - 1]
    const after = lines[index + 1]
    const isEntry = leader.test(line.text)
    const level = isEntry || line.isTurned ? 0 : levelOf(line, before, after)
    const table = isEntry || level > 0 ? undefined : tableAt(lines, index, hasCode, join)
    if (line.isTurned) {
      close()
      blocks.push(paragraph(line.text))
    } else if (isEntry) {
      close()
      blocks.push(contentsEntry(line))
    } else if (table) {
      close()
      blocks.push(table.node)
      index += table.lines - 1
    } else if (level > 0) {
      close()
      addHeading(blocks, line, level as Heading['depth'], { before, join })
    } else if (hasCode && isListing(line, before, after)) {
      close()
      const goesOn = before?.isMono === true && before.page === line.page
      addCode(blocks, line, goesOn ? before : undefined)
    } else {
      if (before && !(hasCode && before.isMono) && beginsBlock(line, before)) close()
      open.push(line)
    }
  }
  close()
  dedentCode(blocks)
  return blocks
}

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

function beginsBlock(line: TextLine, before: TextLine): boolean {
  if (beginsItem(line.text)) return true
  if (Math.abs(line.size - before.size) > 1) return true
  const continues = line.page !== before.page || before.y < line.y
  if (continues) return /[.!?:]["'”’)]?$/.test(before.text) && line.x > line.left + line.size * 0.8
  if (gapBetween(before, line) > 1.7) return true
  const indented =
    line.x > line.left + line.size * 0.8 && before.x <= before.left + before.size * 0.5
  return indented && !beginsItem(before.text)
}

const contentsEntry = (line: TextLine): Paragraph => paragraph(line.text.replace(leader, ' … '))
