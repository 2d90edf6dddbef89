import type { Element, ElementContent, Root } from 'hast'
import {
  attribute,
  element,
  findElement,
  findElements,
  isElement,
  lineOf,
  type Replacement,
  replaceElements,
} from '../html-tree.ts'
import { flattenCell } from './table-cell.ts'

const spanMax = 60

/** Tables of data become what a Markdown table can hold; tables for layout become their content. */
export function prepareTables(root: Root | Element): void {
  replaceElements(root, (node) => {
    if (!isElement(node, 'table')) return undefined
    return isLayout(node) ? unwrapped(node) : dataTable(node)
  })
}

/** As they are drawn: the foot of a table may be written before its body. */
const ownRows = (table: Element): Element[] =>
  table.children
    .filter((child) => child.type === 'element')
    .toSorted((a, b) => Number(isElement(a, 'tfoot')) - Number(isElement(b, 'tfoot')))
    .flatMap((child) => {
      if (isElement(child, 'tr')) return [child]
      return isElement(child, 'thead', 'tbody', 'tfoot')
        ? child.children.filter((row) => isElement(row, 'tr'))
        : []
    })

const cellsOf = (row: Element): Element[] =>
  row.children.filter((cell) => isElement(cell, 'td', 'th'))

function isLayout(table: Element): boolean {
  if (/^(presentation|none)$/.test(attribute(table, 'role'))) return true
  const rows = ownRows(table)
  if (findElement(table, (node) => node !== table && isElement(node, 'table'))) {
    return !hasHeadings(rows)
  }
  if (findElement(table, (node) => isElement(node, 'th', 'caption'))) return false
  if (rows.every((row) => cellsOf(row).length < 2)) return true
  return findElement(table, (node) => isElement(node, 'h1', 'h2', 'h3', 'article')) !== undefined
}

/** Its own heading row makes a table one of data, whatever stands in its cells. */
const hasHeadings = (rows: readonly Element[]): boolean =>
  rows.length > 1 &&
  rows.slice(0, 1).every((row) => cellsOf(row).filter((cell) => isElement(cell, 'th')).length > 1)

function unwrapped(table: Element): Replacement {
  return ownRows(table).flatMap((row) =>
    cellsOf(row).map((cell) => {
      const block = element('div', cell.children)
      prepareTables(block)
      return block
    }),
  )
}

function dataTable(table: Element): Replacement {
  const rows = ownRows(table)
    .map((row) => element('tr', cellsOf(row).map(dataCell)))
    .filter((row) => row.children.length > 0)
  const caption = findElement(table, (node) => isElement(node, 'caption'))
  const before: ElementContent[] =
    caption && lineOf(caption) !== '' ? [element('p', caption.children)] : []
  const [first, ...rest] = rows
  if (!first) return before
  const body = rest.map((row) =>
    element(
      'tr',
      row.children.map((cell) => as('td', cell)),
    ),
  )
  // Rows that each begin with their own heading have no heading row; Markdown then wants an empty one.
  if (isKeyValue(first) && rest.some(isKeyValue)) {
    const all = [
      element(
        'tr',
        first.children.map((cell) => as('td', cell)),
      ),
      ...body,
    ]
    return [...before, element('table', [element('tbody', all)])]
  }
  const head = element(
    'tr',
    first.children.map((cell) => as('th', cell)),
  )
  return [...before, element('table', [element('thead', [head]), element('tbody', body)])]
}

const isKeyValue = (row: Element): boolean =>
  row.children.length > 1 &&
  isElement(row.children[0], 'th') &&
  row.children.slice(1).every((cell) => isElement(cell, 'td'))

const as = (tagName: 'td' | 'th', cell: ElementContent): ElementContent =>
  isElement(cell) ? { ...cell, tagName } : cell

/** Spans are cut, because a page may claim millions of columns; alignment stays. */
function dataCell(cell: Element): Element {
  const properties: Element['properties'] = {}
  for (const name of ['colSpan', 'rowSpan']) {
    const span = Math.min(spanMax, Number.parseInt(attribute(cell, name), 10) || 1)
    if (span > 1) properties[name] = span
  }
  const align =
    attribute(cell, 'align') || /text-align:\s*(\w+)/.exec(attribute(cell, 'style'))?.[1]
  if (align && /^(left|right|center)$/.test(align)) properties.align = align
  for (const math of findElements(cell, (node) => isElement(node, 'math'))) inlineFormula(math)
  return element(cell.tagName, flattenCell(cell.children), properties)
}

/** A bar would end the cell, and Markdown has no way to escape it inside a formula; TeX has its own name. */
function inlineFormula(math: Element): void {
  const tex = attribute(math, 'dataLatex').replaceAll('\\|', '\\Vert ').replaceAll('|', '\\vert ')
  math.properties = { dataLatex: tex, display: 'inline' }
}
