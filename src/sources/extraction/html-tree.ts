import type { Element, ElementContent, Nodes, Parents, Root, Text } from 'hast'

/** What may stand where an element stood. */
export type Replacement = ElementContent[]

/** Whether a node is an element, and one of these when names are given. */
export function isElement(node: Element, ...names: string[]): boolean
export function isElement(node: Nodes | undefined, ...names: string[]): node is Element
export function isElement(node: Nodes | undefined, ...names: string[]): boolean {
  return node?.type === 'element' && (names.length === 0 || names.includes(node.tagName))
}

/** An attribute as one string; absent and empty are both ''. */
export function attribute(element: Element, name: string): string {
  const value = element.properties[name]
  if (value === undefined || value === null || value === false) return ''
  return Array.isArray(value) ? value.join(' ') : value === true ? name : String(value)
}

export function classNames(element: Element): string[] {
  const { className } = element.properties
  if (className === undefined) return []
  return Array.isArray(className) ? className.map(String) : String(className).split(/\s+/)
}

export const hasClass = (element: Element, pattern: RegExp): boolean =>
  classNames(element).some((name) => pattern.test(name))

export const text = (value: string): Text => ({ type: 'text', value })

export const element = (
  tagName: string,
  children: ElementContent[],
  properties: Element['properties'] = {},
): Element => ({ type: 'element', tagName, properties, children })

/** All text inside, as it stands in the source. */
export function textOf(node: Nodes): string {
  if (node.type === 'text') return node.value
  let out = ''
  if ('children' in node) for (const child of node.children) out += textOf(child)
  return out
}

/** All text inside with white space collapsed, as a reader would see one line. */
export const lineOf = (node: Nodes): string => textOf(node).replace(/\s+/g, ' ').trim()

/** The first element that satisfies the test, the node itself included. */
export function findElement(node: Nodes, test: (element: Element) => boolean): Element | undefined {
  if (isElement(node) && test(node)) return node
  if (!('children' in node)) return undefined
  for (const child of node.children) {
    const found = findElement(child, test)
    if (found) return found
  }
  return undefined
}

export function findElements(node: Nodes, test: (element: Element) => boolean): Element[] {
  const found: Element[] = []
  const look = (part: Nodes) => {
    if (part.type === 'element' && test(part)) found.push(part)
    if ('children' in part) for (const child of part.children) look(child)
  }
  look(node)
  return found
}

/**
 * Walks from the top and puts what `replace` answers in the place of an element; undefined means "look
 * inside". A replacement is not walked again, so a rule cannot run for ever on its own output.
 */
export function replaceElements(
  parent: Root | Element,
  replace: (element: Element, parent: Parents) => Replacement | undefined,
): void {
  const children: ElementContent[] = []
  for (const child of parent.children) {
    if (child.type === 'doctype') continue
    const replacement = child.type === 'element' ? replace(child, parent) : undefined
    if (replacement) {
      for (const node of replacement) children.push(node)
      continue
    }
    if (child.type === 'element') replaceElements(child, replace)
    children.push(child)
  }
  parent.children = children
}

/** Whether text runs on both sides of an element within its parent, so that it is a word of a sentence. */
export function standsInText(node: Element, parent: Parents): boolean {
  // Looking for one among thousands, once for each of them, would cost their square.
  if (parent.children.length > 300) return false
  const at = parent.children.indexOf(node)
  const isText = (child: Nodes) => child.type === 'text' && child.value.trim() !== ''
  return parent.children.slice(0, at).some(isText) && parent.children.slice(at + 1).some(isText)
}

/**
 * A copy of a part of a page without the elements that go, and without those that are left with nothing by
 * it. Texts stay the same objects.
 */
export function pruned(place: Element, goes: (node: Element, parent: Element) => boolean): Element {
  const children = place.children.flatMap((child): ElementContent[] => {
    if (child.type === 'text') return [child]
    if (child.type !== 'element' || goes(child, place)) return []
    const left = pruned(child, goes)
    return left.children.length < child.children.length && left.children.every(isSpace)
      ? []
      : [left]
  })
  return { type: 'element', tagName: place.tagName, properties: { ...place.properties }, children }
}

const isSpace = (node: ElementContent): boolean => node.type === 'text' && node.value.trim() === ''
