import type { Element, ElementContent } from 'hast'
import { element, findElements, isElement, text, textOf } from '../html-tree.ts'

const blocks = new Set([
  ...['p', 'div', 'li', 'ul', 'ol', 'dl', 'dt', 'dd', 'blockquote', 'section', 'article', 'figure'],
  ...[
    'figcaption',
    'details',
    'summary',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'pre',
    'hr',
    'address',
    'table',
  ],
])

/** A cell is one line of Markdown: its blocks follow each other with `<br>` between them. */
export function flattenCell(children: readonly ElementContent[]): ElementContent[] {
  const out: ElementContent[] = []
  const breakLine = () => {
    const last = out.at(-1)
    if (last && !isElement(last, 'br')) out.push(element('br', []))
  }
  const write = (nodes: readonly ElementContent[]) => {
    for (const node of nodes) {
      if (node.type === 'text' && node.value.trim() === '' && isElement(out.at(-1), 'br')) continue
      if (!isElement(node)) {
        out.push(node)
        continue
      }
      if (node.tagName === 'br') {
        breakLine()
        continue
      }
      if (!blocks.has(node.tagName)) {
        out.push({ ...node, children: flattenCell(node.children) })
        continue
      }
      breakLine()
      if (node.tagName === 'li') out.push(text('• '))
      writeBlock(node)
      breakLine()
    }
  }
  const writeBlock = (node: Element) => {
    if (/^h[1-6]$|^dt$/.test(node.tagName)) out.push(element('strong', flattenCell(node.children)))
    else if (node.tagName === 'pre') writeCode(node)
    else if (node.tagName === 'table') writeTable(node)
    else write(node.children)
  }
  // A table in a cell keeps its rows, one a line, and what parts its cells.
  const writeTable = (node: Element) => {
    for (const row of findElements(node, (part) => isElement(part, 'tr'))) {
      breakLine()
      const cells = row.children.filter((cell) => isElement(cell, 'td', 'th'))
      for (const [at, cell] of cells.entries()) {
        if (at > 0) out.push(text(' | '))
        for (const part of flattenCell(cell.children)) out.push(part)
      }
    }
  }
  const writeCode = (node: Element) => {
    for (const line of textOf(node).split('\n')) {
      breakLine()
      if (line.trim() !== '') out.push(element('code', [text(line)]))
    }
  }
  write(children)
  const last = out.findLastIndex((node) => node.type !== 'text' || node.value.trim() !== '')
  return out.slice(0, isElement(out[last], 'br') ? last : last + 1)
}
