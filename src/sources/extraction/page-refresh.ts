import type { Root } from 'hast'
import { attribute, findElements, isElement } from './html-tree.ts'
import { absoluteUrl } from './prepare/links.ts'

/** Where a page sends its readers on by itself at once (`<meta http-equiv="refresh">`), or ''. */
export function pageRefresh(root: Root, base: string): string {
  for (const tag of findElements(root, (node) => isElement(node, 'meta'))) {
    if (!/^refresh$/i.test(attribute(tag, 'httpEquiv'))) continue
    const content = attribute(tag, 'content')
    const [, seconds, target] =
      /^\s*(\d{1,2})\s*[;,]\s*url\s*=\s*["']?([^"'\s]+)/i.exec(content) ?? []
    if (target === undefined || Number(seconds) > 10) continue
    const url = absoluteUrl(target, base)
    if (url.startsWith('http')) return url
  }
  return ''
}
