import type { Root } from 'hast'
import { attribute, findElement, isElement } from './html-tree.ts'
import { absoluteUrl } from './prepare/links.ts'

/**
 * Where a page says that it stands as Markdown too (`<link rel="alternate" type="text/markdown">`), or ''.
 * Only on the page's own origin: elsewhere it would be another's word for this page's.
 */
export function markdownAlternate(root: Root, base: string, url: string): string {
  const link = findElement(
    root,
    (node) =>
      isElement(node, 'link') &&
      /(^|\s)alternate(\s|$)/i.test(attribute(node, 'rel')) &&
      /^text\/markdown\s*(;|$)/i.test(attribute(node, 'type').trim()),
  )
  const address = link ? absoluteUrl(attribute(link, 'href'), base) : ''
  if (!address.startsWith('http') || new URL(address).origin !== new URL(url).origin) return ''
  return address === url ? '' : address
}
