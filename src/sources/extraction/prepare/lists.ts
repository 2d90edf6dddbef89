import type { Element, ElementContent, Root } from 'hast'
import { attribute, findElement, isElement, lineOf, text } from '../html-tree.ts'
import { isChrome } from '../page-chrome.ts'

/** Ends an item as a sentence would, and is taken out again after the choice. */
const guard = '\ue000.'

/** What a list of data about an article says, and a list of content hardly ever. */
const byline =
  /\b(by|author|posted|published|updated|share|tweet|e-?mail|print|tags?|categor(y|ies)|comments?|views|likes|min(ute)?s? read|reading time|subscribe|log ?in|sign (in|up))\b|\b(19|20)\d\d\b|\d\s*min\b/i

/**
 * The extractor takes a short list of short items near an edge of the page for data about the article (date,
 * reading time, share). A list of tasks never is, nor is one without links, dates and labels: ending their
 * items as sentences keeps them.
 */
export function guardLists(parent: Root | Element): void {
  for (const child of parent.children) {
    if (!isElement(child as ElementContent) || child.type !== 'element') continue
    if (isChrome(child) || isElement(child, 'form', 'header')) continue
    if (!isElement(child, 'ul', 'ol')) {
      guardLists(child)
      continue
    }
    if (!isTasks(child) && (findElement(child, isLink) || byline.test(lineOf(child)))) continue
    for (const item of child.children) {
      if (isElement(item, 'li')) item.children.push(text(guard))
    }
  }
}

const isLink = (node: Element): boolean => isElement(node, 'a', 'time', 'button')

const isTasks = (list: Element): boolean =>
  findElement(
    list,
    (node) => isElement(node, 'input') && attribute(node, 'type') === 'checkbox',
  ) !== undefined

/** Takes the guards out of the text. */
export function unguardLists(parent: Root | Element): void {
  for (const child of parent.children) {
    if (child.type === 'text') child.value = child.value.replaceAll(guard, '')
    else if (child.type === 'element') unguardLists(child)
  }
}
