import type { Element, ElementContent, Root } from 'hast'
import {
  attribute,
  element,
  findElement,
  findElements,
  isElement,
  lineOf,
  pruned,
  replaceElements,
} from './html-tree.ts'
import { limitDepth } from './limit-depth.ts'
import { treeWords, wordsOf } from './tree-words.ts'

/**
 * Puts in its place what stands elsewhere in the source and what every reader sees: parts that React streamed
 * behind the page, declarative shadow roots, and a topic that is written out for readers without scripts. With
 * the last a page is whole, whatever else in it waits for its scripts.
 */
export function placeLateParts(root: Root): { isWhole: boolean } {
  placeStreamed(root)
  openShadowRoots(root)
  const isWhole = openWithoutScripts(root)
  limitDepth(root)
  return { isWhole }
}

const placeOf = /^(.*)[BP]:([\da-f]+)$/
const partOf = /^(.*)S:([\da-f]+)$/

/** `S:n` goes where the template `B:n` stands, instead of what stood there for the meantime. */
function placeStreamed(root: Root): void {
  const parts = new Map<string, Element>()
  for (const part of findElements(root, (node) => isElement(node, 'div') && isHidden(node))) {
    const [, prefix, number] = partOf.exec(attribute(part, 'id')) ?? []
    if (number !== undefined) parts.set(`${prefix}${number}`, part)
  }
  if (parts.size === 0) return
  const moved = new Set<Element>()
  const place = (parent: Root | Element) => {
    const children: ElementContent[] = []
    let waits = false
    for (const child of parent.children as ElementContent[]) {
      if (waits) waits = !(child.type === 'comment' && child.value === '/$')
      else if (isElement(child)) {
        const [, prefix, number] = isElement(child, 'template')
          ? (placeOf.exec(attribute(child, 'id')) ?? [])
          : []
        const part = number === undefined ? undefined : parts.get(`${prefix}${number}`)
        if (part && !moved.has(part)) {
          moved.add(part)
          place(part)
          for (const inner of part.children) children.push(inner)
          waits = isOpen(children.at(-1 - part.children.length))
        } else {
          if (!moved.has(child)) place(child)
          children.push(child)
        }
      } else children.push(child)
    }
    parent.children = children
  }
  place(root)
  replaceElements(root, (node) => (moved.has(node) ? [] : undefined))
  for (const part of parts.values()) if (!moved.has(part)) delete part.properties.hidden
}

/** React's sign that what follows stands there for the meantime. */
const isOpen = (node: ElementContent | undefined): boolean =>
  node?.type === 'comment' && node.value.startsWith('$')

const isHidden = (node: Element): boolean => attribute(node, 'hidden') !== ''

/** The root is what is drawn; the children of its host stand where it has slots for them. */
function openShadowRoots(root: Root): void {
  replaceElements(root, (host) => {
    const template = host.children.find(
      (child): child is Element =>
        isElement(child, 'template') && attribute(child, 'shadowRootMode') !== '',
    )
    if (!template?.content) return undefined
    const own = host.children.filter((child) => child !== template)
    const place = element(
      host.tagName,
      template.content.children as ElementContent[],
      host.properties,
    )
    replaceElements(place, (slot) => {
      if (!isElement(slot, 'slot')) return undefined
      const name = attribute(slot, 'name')
      const given = own.filter(
        (child) => (isElement(child) ? attribute(child, 'slot') : '') === name,
      )
      return given.length > 0 ? given : slot.children
    })
    openShadowRoots(place as unknown as Root)
    return [place]
  })
}

/** Whether the longest piece of a part for readers without scripts stands on the page as well. */
function isCopy(part: Element, body: Element): boolean {
  const pieces = findElements(part, (node) => node.children.some((child) => child.type === 'text'))
  const longest = pieces
    .map(lineOf)
    .reduce((a, b) => (b.length > a.length && b.length < 2000 ? b : a), '')
  const page = pruned(body, (node) => isElement(node, 'noscript', 'script', 'style', 'template'))
  return longest !== '' && lineOf(page).includes(longest)
}

const wordsMin = 20

/** Forums write a topic twice: as data for their scripts, and as HTML for readers who run none, as we do. */
function openWithoutScripts(root: Root): boolean {
  const body = findElement(root, (node) => isElement(node, 'body'))
  if (!body || !findElement(body, (node) => isElement(node, 'noscript'))) return false
  const counts = treeWords(body)
  const wordsIn = (names: string[]) =>
    findElements(body, (node) => isElement(node, ...names)).reduce(
      (sum, node) => sum + wordsOf(counts, node).all,
      0,
    )
  const shown = wordsOf(counts, body).all - wordsIn(['script', 'style', 'noscript'])
  let isWhole = false
  replaceElements(body, (node) => {
    if (!isElement(node, 'noscript')) return undefined
    const { all } = wordsOf(counts, node)
    const holds = findElement(node, (child) => isElement(child, 'p', 'article', 'h1', 'h2', 'ul'))
    if (!holds || all < wordsMin || all < shown / 2 || isCopy(node, body)) return undefined
    isWhole = true
    return [element('div', node.children)]
  })
  return isWhole
}
