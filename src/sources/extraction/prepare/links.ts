import type { Element, Root } from 'hast'
import {
  attribute,
  element,
  findElement,
  hasClass,
  isElement,
  lineOf,
  type Replacement,
  replaceElements,
  text,
  textOf,
} from '../html-tree.ts'

/** The absolute http(s), mailto or tel address, or '' for what must not become a link. */
export function absoluteUrl(address: string, base: string): string {
  const trimmed = address.trim()
  if (trimmed === '' || !URL.canParse(trimmed, base)) return ''
  const url = new URL(trimmed, base)
  return ['http:', 'https:', 'mailto:', 'tel:'].includes(url.protocol) ? url.href : ''
}

/** Makes links absolute, keeps the text of those that lead nowhere, and drops marks that link to themselves. */
export function prepareLinks(root: Root | Element, base: string): void {
  replaceElements(root, (node) => {
    if (isElement(node, 'sup')) return footnoteMark(node)
    if (!isElement(node, 'a')) return undefined
    const href = attribute(node, 'href')
    if (isAnchorMark(node, href)) return []
    prepareLinks(node, base)
    const target = absoluteUrl(href, base)
    if (target === '') return node.children
    const title = attribute(node, 'title')
    return [element('a', node.children, { href: target, ...(title ? { title } : {}) })]
  })
}

/** "¶", "#" beside a heading, "↩" behind a footnote: marks for a mouse, noise for a reader. */
function isAnchorMark(link: Element, href: string): boolean {
  if (findElement(link, (node) => isElement(node, 'img', 'picture', 'math'))) return false
  // Variation selectors only choose how a symbol is drawn.
  const label = lineOf(link).replace(/\ufe0e|\ufe0f/g, '')
  if (/^[\u21a9\u2191\u2b06\u23ce^\s]+$/u.test(label) && href.includes('#')) return true
  if (!href.startsWith('#'))
    return label === '' && textOf(link) === '' && hasClass(link, anchorClass)
  return (
    /^[#\u00b6\u00a7\u{1f517}\s]*$/u.test(label) ||
    /^(permalink|link to this|copy link)/i.test(label)
  )
}

const anchorClass = /^(anchor|headerlink|hash-link|heading-link|header-anchor|permalink)$/i

/** A note's number as a reader sees it, `[1]`; its link would only lead back into the page. */
function footnoteMark(sup: Element): Replacement | undefined {
  const link = findElement(
    sup,
    (node) => isElement(node, 'a') && attribute(node, 'href').includes('#'),
  )
  const label = lineOf(sup).replace(/^\[|\]$/g, '')
  return link && /^[\w*†‡§]{1,12}$/u.test(label) ? [text(`[${label}]`)] : undefined
}
