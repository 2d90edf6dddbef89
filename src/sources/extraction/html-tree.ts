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

export const classNames = (element: Element): string[] =>
  attribute(element, 'className').split(/\s+/).filter(Boolean)

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
  return 'children' in node ? node.children.map(textOf).join('') : ''
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
  const found: Element[] = isElement(node) && test(node) ? [node] : []
  if ('children' in node)
    for (const child of node.children) found.push(...findElements(child, test))
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
