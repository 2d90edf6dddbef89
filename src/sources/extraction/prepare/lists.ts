import type { Element, ElementContent, Root } from 'hast'
import { element, isElement, replaceElements } from '../html-tree.ts'

/** A list that stands in a list without an item of its own belongs to the item before it, as it is drawn. */
export function settleLists(root: Root | Element): void {
  replaceElements(root, (node) => {
    if (!isElement(node, 'ul', 'ol', 'menu', 'dir')) return undefined
    const items: ElementContent[] = []
    for (const child of node.children) {
      const before = items.findLast((item) => isElement(item))
      if (!isElement(child, 'ul', 'ol', 'menu', 'dir')) items.push(child)
      else if (isElement(before, 'li')) before.children.push(child)
      else items.push(element('li', [child]))
    }
    node.children = items
    settleLists(node)
    return [node]
  })
}
