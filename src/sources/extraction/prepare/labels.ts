import type { Element, ElementContent, Root } from 'hast'
import { attribute, isElement, text, textOf } from '../html-tree.ts'

const inline = ['a', 'span', 'b', 'strong', 'em', 'i', 'small', 'time', 'label']
const verbatim = ['pre', 'code', 'math', 'kbd', 'samp']

/**
 * A name and what is said of it, in elements that styles set apart (`<a>Mug</a><span class="price">$12</span>`),
 * get the space between them that a reader sees. Parts of one word stay one: a drop capital, a coloured end.
 */
export function separateLabels(parent: Root | Element): void {
  const children: ElementContent[] = []
  for (const child of parent.children as ElementContent[]) {
    const before = children.at(-1)
    if (isElement(child, ...inline) && isElement(before, ...inline) && areApart(before, child)) {
      children.push(text(' '))
    }
    children.push(child)
    if (isElement(child) && !isElement(child, ...verbatim)) separateLabels(child)
  }
  parent.children = children
}

function areApart(left: Element, right: Element): boolean {
  const [name, next] = [attribute(left, 'className'), attribute(right, 'className')]
  if (name === next && left.tagName === right.tagName) return false
  const [before, after] = [textOf(left), textOf(right)]
  if (!/[\p{L}\p{N}][\p{L}\p{N}.!?)]$/u.test(before)) return false
  return /^[\p{Lu}\p{N}$€£¥]/u.test(after) || (/\s/.test(before) && /^\p{L}+\s/u.test(after))
}
