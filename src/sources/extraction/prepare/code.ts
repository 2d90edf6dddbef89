import type { Element, Root } from 'hast'
import {
  element,
  findElement,
  findElements,
  hasClass,
  isElement,
  type Replacement,
  replaceElements,
  text,
  textOf,
} from '../html-tree.ts'
import { codeLanguage } from './code-language.ts'
import { codeText, isGutter } from './code-text.ts'

/**
 * Code blocks of every highlighter become `<pre><code class="language-x">` with plain text inside. This
 * runs before the main content is chosen, since the extractors drop classes and gutters in their own ways.
 */
export function standardiseCode(root: Root): void {
  replaceWithin(root, [])
}

/** Keeps the way down, because the language often stands on a wrapper two levels up. */
function replaceWithin(parent: Root | Element, ancestors: readonly Element[]): void {
  replaceElements(parent, (node, direct) => {
    const block = codeBlock(node, direct === parent ? ancestors : [])
    if (block) return block
    replaceWithin(node, [node, ...ancestors].slice(0, 3))
    return [node]
  })
}

function codeBlock(node: Element, ancestors: readonly Element[]): Replacement | undefined {
  if (isElement(node, 'table')) return lineNumberTable(node, ancestors)
  if (isElement(node, 'div') && areCodeLines(node)) {
    return [preformatted(codeText(node.children), [node, ...nearby(ancestors)])]
  }
  if (!isElement(node, 'pre')) return undefined
  const inside = findElements(node, (child) => isElement(child, 'code'))
  return [preformatted(codeText(node.children), [...inside, node, ...nearby(ancestors)])]
}

/** Numbers in one column and code in the other: only the code is content. */
function lineNumberTable(table: Element, ancestors: readonly Element[]): Replacement | undefined {
  const cells = findElements(table, (node) => isElement(node, 'td', 'th'))
  const isNumbers = (cell: Element) =>
    isGutter(cell) || findElement(cell, isNumberColumn) !== undefined || countsUp(cell)
  if (!cells.some(isNumbers) || findElement(table, isChoice)) return undefined
  const code = cells.filter(
    (cell) =>
      !isNumbers(cell) &&
      (hasClass(cell, /code|content/i) ||
        findElement(cell, (inner) => isElement(inner, 'pre', 'code'))),
  )
  if (code.length === 0) return undefined
  const value = code.map((cell) => codeText(cell.children)).join('\n')
  if (value === '') return undefined
  const inside = code.flatMap((cell) =>
    findElements(cell, (inner) => isElement(inner, 'pre', 'code')),
  )
  return [preformatted(value, [...inside, table, ...nearby(ancestors)])]
}

/** Editors draw code as one element a line, with names of their own for them. */
function areCodeLines(node: Element): boolean {
  const lines = node.children.filter((child) => isElement(child))
  const inEditor = hasClass(
    node,
    /codemirror|^cm-content$|monaco|^ace_|^code(-block|blocks?)?$|crayon|^highlight/i,
  )
  return (
    lines.filter((line) => !isGutter(line)).length > 1 &&
    lines.every((line) => hasClass(line, inEditor ? anyLine : codeLine) || isGutter(line)) &&
    !findElement(node, (child) => isElement(child, 'pre', 'p', 'ul', 'table'))
  )
}

const codeLine = /^(cm-line|view-line|ace_line|CodeMirror-line|crayon-line|code-line)$/
const anyLine = /^(line|cm-line|view-line|ace_line|CodeMirror-line|crayon-line|code-line)$/

const isNumberColumn = (node: Element): boolean =>
  hasClass(node, /^(linenos?|linenodiv|lineno|lnt|gutter|(crayon-)?nums?(-content)?)$/)

const isChoice = (node: Element): boolean => isElement(node, 'select', 'input')

/** One cell with the numbers of all lines, whatever it is called. */
function countsUp(cell: Element): boolean {
  const numbers = findElements(cell, (node) => !node.children.some((child) => isElement(child)))
    .flatMap((node) => textOf(node).trim().split(/\s+/))
    .filter((word) => word !== '')
  return numbers.length > 1 && numbers.every((word, at) => Number(word) === Number(numbers[0]) + at)
}

/** Wrappers of a code block, not of the page: a class on `main` says nothing about one block. */
const nearby = (ancestors: readonly Element[]): Element[] =>
  ancestors.filter((wrapper) =>
    isElement(wrapper, 'div', 'figure', 'pre', 'td', 'tr', 'tbody', 'table', 'code-block'),
  )

function preformatted(value: string, named: readonly Element[]): Element {
  const language = codeLanguage(named)
  const properties = language ? { className: [`language-${language}`], dataLang: language } : {}
  return element('pre', [element('code', [text(value)], properties)])
}
