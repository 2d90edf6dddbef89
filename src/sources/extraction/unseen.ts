import type { Element, Root } from 'hast'
import { attribute, isElement, replaceElements } from './html-tree.ts'
import { treeWords, wordsOf } from './tree-words.ts'

const furniture = ['script', 'style', 'template', 'noscript', 'link', 'svg', 'canvas']

/** Leaves out what runs and what no reader sees, unless that is (nearly) all there is before scripts run. */
export function removeUnseen(root: Root): void {
  replaceElements(root, (node) => (isElement(node, ...furniture) ? [] : undefined))
  const counts = treeWords(root)
  const half = wordsOf(counts, root).all / 2
  replaceElements(root, (node) => {
    return isHidden(node) && !isFolded(node) && wordsOf(counts, node).all < half ? [] : undefined
  })
}

const isHidden = (node: Element): boolean =>
  !isElement(node, 'html', 'head', 'body', 'math', 'img') &&
  (attribute(node, 'hidden') !== '' ||
    node.properties.hidden === '' ||
    attribute(node, 'ariaHidden') === 'true' ||
    /display\s*:\s*none|visibility\s*:\s*hidden/i.test(attribute(node, 'style')))

/** What one click shows is content: tabs, folded answers. */
const isFolded = (node: Element): boolean =>
  /tab|panel|accordion|collaps|toggle|expand|faq|answer|spoiler/i.test(
    `${attribute(node, 'role')} ${attribute(node, 'id')} ${attribute(node, 'className')}`,
  )
