import type { Element, ElementContent, Root } from 'hast'
import { attribute, findElement, isElement, lineOf, text } from '../html-tree.ts'

/** Ends an item as a sentence would, and is taken out again after the choice. */
const guard = '\ue000.'

/**
 * The extractor takes a short list of short items near an edge of the page for data about the article (date,
 * reading time, share). A list of tasks never is, nor is one without links between paragraphs: ending their
 * items as sentences keeps them.
 */
export function guardLists(parent: Root | Element): void {
  const siblings = parent.children.filter((child) => isElement(child as ElementContent))
  for (const [index, child] of siblings.entries()) {
    if (!isElement(child)) continue
    if (isElement(child, 'nav', 'footer', 'aside', 'form', 'header')) continue
    if (!isElement(child, 'ul', 'ol')) {
      guardLists(child)
      continue
    }
    const between = isProse(siblings[index - 1]) && isProse(siblings[index + 1])
    if (isTasks(child) || (between && !findElement(child, (node) => isElement(node, 'a')))) {
      for (const item of child.children) {
        if (isElement(item, 'li')) item.children.push(text(guard))
      }
    }
  }
}

const isTasks = (list: Element): boolean =>
  findElement(
    list,
    (node) => isElement(node, 'input') && attribute(node, 'type') === 'checkbox',
  ) !== undefined

const isProse = (node: Root['children'][number] | undefined): boolean =>
  isElement(node, 'p') && /[.:!?…。！？]["'”’)]?$/.test(lineOf(node)) && lineOf(node).length > 60

/** Takes the guards out of the text. */
export function unguardLists(parent: Root | Element): void {
  for (const child of parent.children) {
    if (child.type === 'text') child.value = child.value.replaceAll(guard, '')
    else if (child.type === 'element') unguardLists(child)
  }
}
