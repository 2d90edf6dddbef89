import type { Element, ElementContent, Root } from 'hast'
import { element, findElement, isElement, replaceElements, text, textOf } from '../html-tree.ts'

const marks = ['b', 'strong', 'i', 'em', 'del', 's', 'strike', 'u', 'mark', 'a']

/** Markdown's marks must touch their text: white space at the edges moves out, empty marks go. */
export function prepareEmphasis(root: Root | Element): void {
  replaceElements(root, (node) => {
    if (!isElement(node, ...marks)) return undefined
    prepareEmphasis(node)
    const inside = textOf(node)
    if (inside.trim() === '') {
      const holds = findElement(node, (child) => isElement(child, 'img', 'math', 'input', 'br'))
      return holds ? [node] : [text(inside)]
    }
    const children = [...node.children]
    const before = takeEdge(children, 0, /^\s+/)
    const after = takeEdge(children, children.length - 1, /\s+$/)
    return [...before, element(node.tagName, children, node.properties), ...after]
  })
}

/** Cuts white space off the first or last child, when that is text. */
function takeEdge(children: ElementContent[], index: number, edge: RegExp): ElementContent[] {
  const child = children[index]
  if (child?.type !== 'text') return []
  const space = edge.exec(child.value)?.[0]
  if (!space) return []
  children[index] = text(child.value.replace(edge, ''))
  return [text(space)]
}
