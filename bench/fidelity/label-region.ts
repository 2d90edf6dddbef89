import type { Element, Root } from 'hast'
import { findElement, isElement, pruned, textOf } from '../../src/sources/extraction/html-tree.ts'

/** Letters and digits alone: what two ways of writing one text share. */
export const squeezed = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]+/gu, '')
    .toLowerCase()

/** The smallest part of a page that holds nearly all lines of its label. */
export function labelRegion(page: Root, label: string): Element | undefined {
  const body = findElement(page, (node) => isElement(node, 'body'))
  if (!body) return undefined
  const lines = label
    .split('\n')
    .map(squeezed)
    .filter((line) => line.length > 15)
  const held = (node: Element) => {
    const text = squeezed(textOf(node))
    return lines.filter((line) => text.includes(line)).length
  }
  let region = pruned(body, (node) => isElement(node, 'script', 'style', 'noscript'))
  const enough = held(region) * 0.9
  for (;;) {
    const next = region.children.find(
      (child): child is Element => isElement(child) && held(child) >= enough,
    )
    if (enough === 0 || !next) return region
    region = next
  }
}
