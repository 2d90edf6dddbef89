import type { Element, ElementContent, Root } from 'hast'
import { attribute, element, findElement, isElement, replaceElements } from '../html-tree.ts'

const isDisplayed = (node: ElementContent): boolean =>
  isElement(node, 'math') && attribute(node, 'display') === 'block'

/** Where a block cannot stand: there the formula runs with the text. */
const inlineOnly = ['a', 'em', 'strong', 'b', 'i', 'del', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']

/** A displayed formula inside a paragraph ends it and begins the next: `$$` in a line is text, no formula. */
export function liftDisplayMath(root: Root | Element): void {
  replaceElements(root, (node) => {
    if (isElement(node, ...inlineOnly)) {
      setInline(node)
      return undefined
    }
    if (!isElement(node, 'p') || !findElement(node, isDisplayed)) return undefined
    const out: ElementContent[] = []
    let open: ElementContent[] = []
    const close = () => {
      const says = open.some((child) => child.type !== 'text' || child.value.trim() !== '')
      if (says) out.push(element('p', open, node.properties))
      open = []
    }
    for (const child of unwrapped(node.children)) {
      if (isDisplayed(child)) {
        close()
        out.push(child)
      } else open.push(child)
    }
    close()
    return out
  })
}

/** Spans carry nothing of their own, so a formula inside one is lifted out of it too. */
const unwrapped = (children: readonly ElementContent[]): ElementContent[] =>
  children.flatMap((child) => {
    if (isElement(child, ...inlineOnly)) setInline(child)
    const opens = isElement(child, 'span', 'div', 'center') && findElement(child, isDisplayed)
    return opens ? unwrapped(child.children) : [child]
  })

function setInline(node: Element): void {
  for (const child of node.children) {
    if (!isElement(child)) continue
    if (isDisplayed(child)) child.properties.display = 'inline'
    setInline(child)
  }
}
