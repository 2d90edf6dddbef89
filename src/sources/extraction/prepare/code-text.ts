import type { Element, ElementContent } from 'hast'
import { attribute, hasClass, isElement } from '../html-tree.ts'

const gutter =
  /^(gutter|lineno|linenos|(crayon-)?nums?(-content)?|linenumber|line[-_]?numbers?(-rows)?|linenodiv|line-no|lnt?|hljs-ln-(numbers|n)|blob-num|rouge-gutter|react-syntax-highlighter-line-number|copy.*|clipboard.*|btn.*)$/i
const lineBlock = new Set(['div', 'p', 'li', 'tr', 'dd', 'dt', 'section'])

/** Line numbers and copy buttons stand inside many code blocks and are no part of the code. */
export const isGutter = (node: Element): boolean =>
  isElement(node, 'button', 'style', 'script', 'svg') ||
  hasClass(node, gutter) ||
  isNumberLink(node) ||
  (attribute(node, 'style').replace(/\s/g, '').includes('user-select:none') &&
    /^\s*\d*\s*$/.test(plainText(node)))

const isNumberLink = (node: Element): boolean =>
  isElement(node, 'a') &&
  /^#\D{0,8}\d+$/.test(attribute(node, 'href')) &&
  /^\s*\d+\s*$/.test(plainText(node))

/** The text of a code block: what a reader would copy, with line breaks where he sees them. */
export function codeText(nodes: readonly ElementContent[]): string {
  let out = ''
  const numbers = new Set<Element>()
  const endLine = () => {
    if (out !== '' && !out.endsWith('\n')) out += '\n'
  }
  const write = (children: readonly ElementContent[]) => {
    const linesApart = areLinesWithoutBreaks(children)
    for (const number of lineNumbers(children)) numbers.add(number)
    for (const node of children) {
      if (node.type === 'text') out += node.value
      if (node.type !== 'element' || numbers.has(node)) continue
      if (isGutter(node) && !isElement(node, 'tr')) continue
      if (node.tagName === 'br') out += '\n'
      const isLine = lineBlock.has(node.tagName) || (linesApart && isElement(node, 'span', 'code'))
      if (isLine) endLine()
      const before = out.length
      write(node.children)
      if (isLine && out.length === before) out += '\n'
      if (isLine) endLine()
    }
  }
  write(nodes)
  return trimBlankEdges(out.replace(/\r\n?/g, '\n').replaceAll('\u00a0', ' '))
}

/** What each line begins with when that counts up from line to line, whatever it is called. */
function lineNumbers(children: readonly ElementContent[]): Element[] {
  const lines = children.filter((node) => isElement(node, 'div', 'li', 'p'))
  if (lines.length < 2) return []
  const firsts = lines.map((line) =>
    line.children.find((node) => plainText(node).trim() !== '' && !isElement(node, 'style')),
  )
  const numbers = firsts.filter((node) => isElement(node) && /^\s*\d+\s*$/.test(plainText(node)))
  const [first] = numbers
  const counts = first && numbers.every((node, at) => numberOf(node) === numberOf(first) + at)
  return counts && numbers.length === lines.length ? numbers.filter((node) => isElement(node)) : []
}

const numberOf = (node: ElementContent | undefined): number => (node ? Number(plainText(node)) : 0)

/** `<span class="line">` per line with nothing between them, as some highlighters write it. */
function areLinesWithoutBreaks(children: readonly ElementContent[]): boolean {
  const lines = children.filter(
    (node) =>
      isElement(node, 'span', 'code') &&
      (hasClass(node, /^(line|code-line|token-line|view-line)$/) ||
        /display\s*:\s*block/.test(attribute(node, 'style'))),
  )
  // One code element for each line, which styles set apart.
  const inPre = children.filter((node) => isElement(node, 'code'))
  if (inPre.length > 1 && inPre.length === children.length) return true
  return (
    lines.length > 1 &&
    !children.some((node) => node.type === 'text' && node.value.includes('\n')) &&
    !lines.some((line) => plainText(line).includes('\n'))
  )
}

function plainText(node: ElementContent): string {
  if (node.type === 'text') return node.value
  return node.type === 'element' ? node.children.map(plainText).join('') : ''
}

/** Empty lines around code are layout; the indentation of its first line is not. */
function trimBlankEdges(code: string): string {
  const lines = code.split('\n')
  while (lines.length > 0 && lines[0]?.trim() === '') lines.shift()
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop()
  return lines.join('\n')
}
