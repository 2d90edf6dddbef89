import type { Element, Parents, Root } from 'hast'
import { attribute, classNames, findElement, isElement, replaceElements } from './html-tree.ts'
import { type TreeWords, treeWords, wordsOf } from './tree-words.ts'

const furniture = ['script', 'style', 'template', 'noscript', 'link', 'svg', 'canvas']

/** Leaves out what runs and what no reader sees, unless that is (nearly) all there is before scripts run. */
export function removeUnseen(root: Root): void {
  replaceElements(root, (node) => (isElement(node, ...furniture) ? [] : undefined))
  const counts = treeWords(root)
  const half = wordsOf(counts, root).all / 2
  const isLeft = (node: Element, parent: Parents) =>
    isHidden(node) &&
    wordsOf(counts, node).all < half &&
    !isFolded(node) &&
    !hasShownTwin(node, parent) &&
    !isDeferred(node, counts)
  replaceElements(root, (node, parent) => (isLeft(node, parent) ? [] : undefined))
}

const isHidden = (node: Element): boolean =>
  !isElement(node, 'html', 'head', 'body', 'math', 'img') &&
  (isMarkedHidden(node) ||
    attribute(node, 'ariaHidden') === 'true' ||
    /display\s*:\s*none|visibility\s*:\s*hidden/i.test(attribute(node, 'style')))

/** A search within the page finds what is hidden until then, so a reader does too. */
const isMarkedHidden = ({ properties: { hidden } }: Element): boolean =>
  hidden !== undefined && hidden !== null && hidden !== false && hidden !== 'until-found'

/** What one click shows is content: tabs, folded answers. */
const isFolded = (node: Element): boolean =>
  /tab|panel|accordion|collaps|toggle|expand|faq|answer|spoiler/i.test(
    `${attribute(node, 'role')} ${attribute(node, 'id')} ${attribute(node, 'className')}`,
  )

/** One of a row that is shown one at a time, as the same code in several languages is. */
function hasShownTwin(node: Element, parent: Parents): boolean {
  if (!isElement(node, 'div', 'pre', 'section', 'figure') || parent.children.length > 100)
    return false
  const code = holdsCode(node)
  return parent.children.some((twin) => {
    if (!isElement(twin, node.tagName) || twin === node || isHidden(twin)) return false
    return code ? holdsCode(twin) : false
  })
}

const holdsCode = (node: Element): boolean =>
  findElement(node, (child) => isElement(child, 'pre')) !== undefined

/** A section with a heading of its own that a script shows as the reader comes to it, as its name says. */
function isDeferred(node: Element, counts: TreeWords): boolean {
  if (!isElement(node, 'div', 'section') || !comesLater(node) || isLayer(node)) return false
  const { told, linked } = wordsOf(counts, node)
  if (told < 5 || linked > told) return false
  const heading = findElement(node, (child) => /^h[2-4]$/.test(child.tagName))
  return heading !== undefined && !findElement(node, isField)
}

const comesLater = (node: Element): boolean =>
  attribute(node, 'ariaHidden') !== 'true' &&
  /defer|lazy|late|load|async|reveal|animat|fade|scroll|wow|aos/i.test(
    `${attribute(node, 'id')} ${classNames(node).join(' ')}`,
  )

/** What opens over a page, or is one of its menus. */
const isLayer = (node: Element): boolean =>
  /modal|popup|pop-up|dialog|consent|cookie|overlay|lightbox|menu|nav|drawer|tooltip|template|banner|print/i.test(
    `${attribute(node, 'role')} ${attribute(node, 'id')} ${classNames(node).join(' ')}`,
  )

const isField = (node: Element): boolean =>
  isElement(node, 'textarea', 'select') ||
  (isElement(node, 'input') && !/^(hidden|checkbox|radio)$/.test(attribute(node, 'type')))
