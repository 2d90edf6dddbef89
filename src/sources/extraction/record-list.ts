import type { Element, ElementContent } from 'hast'
import { attribute, classNames, findElement, findElements, isElement, lineOf } from './html-tree.ts'
import { isComments } from './page-chrome.ts'
import { type TreeWords, wordsOf } from './tree-words.ts'
import { wordCount } from './word-count.ts'

/** A page that is a row of like things: posts of a thread, products, results. */
export interface RecordList {
  /** The list with what introduces it. */
  region: Element
  /** What each item is called: its author, its title. */
  heads: string[]
  /** Every piece of text in items that are cards; none when they are posts, where much is furniture. */
  parts: string[]
  words: number
}

const itemsMin = 3
/** Each is looked for in the text. */
const headsMax = 300
const cardWordsMax = 40

/**
 * The row of siblings of one shape that holds most of a page's words, when there is one. Extractors look for
 * an article and lose items of such pages, or what names them.
 */
export function recordList(page: Element, counts: TreeWords): RecordList | undefined {
  const row = largestRow(page, counts)
  if (!row) return undefined
  const words = sum(row.items, counts)
  const { all } = wordsOf(counts, page)
  const prose = proseBeside(page, row.items, counts)
  if (words < all * 0.5 || words < 20 || prose > words) return undefined
  // Nothing but links before a page's heading is a table of contents.
  const linked = row.items.reduce((total, item) => total + wordsOf(counts, item).linked, 0)
  if (linked > words * 0.95 && row.items[0] && isBeforeTitle(page, row.items[0])) return undefined
  if (prose > 80 && row.items.concat(row.path).some((node) => isComments(node, 'none')))
    return undefined
  const heads = row.items.map(headOf).filter((head) => head !== '')
  if (heads.length < row.items.length * 0.8) return undefined
  const areCards = words / row.items.length < cardWordsMax
  const parts = areCards ? row.items.slice(0, headsMax).flatMap(piecesOf) : []
  return { region: introduced(row.path), heads: heads.slice(0, headsMax), parts, words }
}

const sum = (items: readonly Element[], counts: TreeWords): number =>
  items.reduce((total, item) => total + wordsOf(counts, item).all, 0)

interface Row {
  items: Element[]
  /** From the page down to the parent of the items. */
  path: Element[]
}

/** Items are of one element and class, and have parts: paragraphs of an article are no row. */
function largestRow(page: Element, counts: TreeWords): Row | undefined {
  let best: { row: Row; words: number } | undefined
  const visit = (parent: Element, path: readonly Element[]) => {
    const here = [...path, parent]
    const shapes = new Map<string, Element[]>()
    for (const child of parent.children) {
      if (!isElement(child)) continue
      visit(child, here)
      const items = shapes.get(shapeOf(child))
      if (items) items.push(child)
      else shapes.set(shapeOf(child), [child])
    }
    for (const items of shapes.values()) {
      const words = sum(items, counts)
      if (items.length < itemsMin || (best && words <= best.words)) continue
      if (items.filter(hasParts).length < items.length * 0.8) continue
      // What one part fills is a page of parts, no row.
      if (items.some((item) => wordsOf(counts, item).all > words * 0.6)) continue
      best = { row: { items, path: here }, words }
    }
  }
  visit(page, [])
  return best?.row
}

const shapeOf = (node: Element): string =>
  isElement(node, 'div', 'article', 'section', 'li', 'tr', 'shreddit-comment')
    ? `${node.tagName}.${classNames(node)[0] ?? ''}`
    : ''

function hasParts(item: Element): boolean {
  if (shapeOf(item) === '' || (!isElement(item, 'li', 'tr') && classNames(item).length === 0))
    return false
  let parts = item.children
  for (let only = onlyChild(parts); only; only = onlyChild(parts)) parts = only.children
  return parts.filter((part) => isElement(part) && lineOf(part) !== '').length >= 2
}

/** Cards are often wrapped more than once. */
function onlyChild(children: readonly ElementContent[]): Element | undefined {
  const said = children.filter((child) =>
    isElement(child) ? lineOf(child) !== '' : child.type === 'text' && child.value.trim() !== '',
  )
  const [only] = said
  return said.length === 1 && isElement(only) ? only : undefined
}

/** What an item is called stands in its first link or heading, or in what is set in bold before them. */
function headOf(item: Element): string {
  const isHead = (node: Element) =>
    (isElement(node, 'a', 'b', 'strong') || /^h[1-6]$/.test(node.tagName)) && lineOf(node) !== ''
  const head = findElement(item, isHead)
  return head ? lineOf(head) : ''
}

function proseBeside(page: Element, items: readonly Element[], counts: TreeWords): number {
  const inside = new Set(items.flatMap((item) => findElements(item, () => true)))
  return findElements(page, (node) => isElement(node, 'p') && !inside.has(node))
    .map((node) => wordsOf(counts, node).all)
    .filter((words) => words >= 15)
    .reduce((total, words) => total + words, 0)
}

/** The smallest part of the page that holds the row and the page's heading, if that is not far off. */
function introduced(path: readonly Element[]): Element {
  const parent = path.at(-1) as Element
  const withTitle = path.findLast((node) => findElement(node, isTitle))
  const main = path.findLast(
    (node) => isElement(node, 'main') || attribute(node, 'role') === 'main',
  )
  return withTitle ?? main ?? parent
}

/** Whether a part stands before the one heading of the page. */
export function isBeforeTitle(page: Element, part: Element): boolean {
  const first = findElement(page, (node) => node === part || isTitle(node))
  return first === part && !findElement(part, isTitle) && findElement(page, isTitle) !== undefined
}

const isTitle = (node: Element): boolean => isElement(node, 'h1')

const piecesOf = (item: Element): string[] =>
  findElements(item, (node) => !node.children.some((child) => isElement(child)))
    .map(lineOf)
    .filter((piece) => wordCount(piece) > 0)

/** Whether a text has what the list has: nearly all its words, the name of each item, the pieces of cards. */
export function holds(text: string, list: RecordList): boolean {
  const squeezed = text.replace(/\s+/g, ' ')
  const counts = new Map<string, number>()
  for (const head of list.heads) counts.set(head, (counts.get(head) ?? 0) + 1)
  const found = list.parts.filter((piece) => squeezed.includes(piece)).length
  return (
    wordCount(squeezed) >= list.words * 0.9 &&
    [...counts].every(([head, count]) => squeezed.split(head).length - 1 >= count) &&
    found >= list.parts.length * 0.9
  )
}
