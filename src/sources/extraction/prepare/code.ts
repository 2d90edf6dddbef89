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
  if (!isElement(node, 'pre')) return undefined
  const inside = findElements(node, (child) => isElement(child, 'code'))
  return [preformatted(codeText(node.children), [...inside, node, ...nearby(ancestors)])]
}

/** Numbers in one column and code in the other: only the code is content. */
function lineNumberTable(table: Element, ancestors: readonly Element[]): Replacement | undefined {
  const cells = findElements(table, (node) => isElement(node, 'td', 'th'))
  if (!cells.some((cell) => isGutter(cell) || findElement(cell, isNumberColumn))) return undefined
  const code = cells.filter(
    (cell) =>
      !isGutter(cell) &&
      !findElement(cell, isNumberColumn) &&
      (hasClass(cell, /code|content/i) ||
        findElement(cell, (inner) => isElement(inner, 'pre', 'code'))),
  )
  if (code.length === 0) return undefined
  const value = code.map((cell) => codeText(cell.children)).join('\n')
  const inside = code.flatMap((cell) =>
    findElements(cell, (inner) => isElement(inner, 'pre', 'code')),
  )
  return [preformatted(value, [...inside, table, ...nearby(ancestors)])]
}

const isNumberColumn = (node: Element): boolean =>
  hasClass(node, /^(linenos?|linenodiv|lineno|lnt|gutter)$/)

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
