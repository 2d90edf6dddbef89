import type { RootContent } from 'mdast'
import type { TextLine } from './text-item.ts'

/** Fonts for code are 0.6 of their size wide. */
const characterWidth = 0.6
const indentMax = 60

/** A line of a listing goes to the listing above it, with its indentation and the empty lines between them. */
export function addCode(blocks: RootContent[], line: TextLine, before: TextLine | undefined): void {
  const last = blocks.at(-1)
  const columns = Math.round((line.x - line.left) / (line.size * characterWidth || 1))
  const text = ' '.repeat(Math.min(indentMax, Math.max(0, columns))) + line.text
  if (before && last?.type === 'code') {
    const lines = Math.round((before.y - line.y) / (line.size * 1.2 || 1))
    last.value += '\n'.repeat(Math.min(3, Math.max(1, lines))) + text
  } else blocks.push({ type: 'code', lang: null, meta: null, value: text })
}

/** A document set in such a font throughout is typewritten, and its text is no code. */
export function setsCodeApart(lines: readonly TextLine[]): boolean {
  const characters = (among: readonly TextLine[]) =>
    among.reduce((sum, { text }) => sum + text.length, 0)
  return characters(lines.filter(({ isMono }) => isMono)) < characters(lines) / 2
}

/** Takes away the indentation that all lines of a listing share: that one is the page's. */
export function dedentCode(blocks: readonly RootContent[]): void {
  for (const block of blocks) {
    if (block.type !== 'code') continue
    const lines = block.value.split('\n')
    const indents = lines.filter((line) => line !== '').map((line) => line.search(/\S|$/))
    const shared = Math.min(...indents)
    block.value = lines.map((line) => line.slice(shared)).join('\n')
  }
}
