import type { Element, Root } from 'hast'
import {
  attribute,
  findElement,
  findElements,
  isElement,
  lineOf,
  replaceElements,
} from './html-tree.ts'
import { hasLayoutName, hasOwnHeading } from './layout-names.ts'
import type { PageSigns } from './page-signs.ts'
import type { Words } from './tree-words.ts'

/** Whether a part surrounds content, by its element, its role, or the name its author gave it. */
export function isChrome(node: Element, words: Words, inContent: boolean): boolean {
  if (isElement(node, 'nav', 'dialog')) return true
  if (isElement(node, 'aside', 'footer') && !(inContent && tells(words))) return true
  if (/^(navigation|search|dialog|contentinfo)$/.test(attribute(node, 'role'))) return true
  if (isElement(node, 'p', 'li') && words.linked === 0) return false
  return hasLayoutName(node) && (!tells(words) || findElement(node, isField) !== undefined)
}

/** Sentences and few links: that takes more than a name to be called furniture. */
const tells = ({ told, all, linked }: Words): boolean => told >= all * 0.4 && linked <= all * 0.3

const isField = (node: Element): boolean =>
  isElement(node, 'input') && !/^(hidden|checkbox|radio)$/.test(attribute(node, 'type'))

/** What a story is interrupted by, and a page of services consists of: told in prose it is content there. */
export const isPromise = (node: Element): boolean =>
  isElement(node, 'div', 'section') &&
  /(^|[\s_-])(promo\w*|menu|social)([\s_-]|$)/i.test(attribute(node, 'className'))

const offers =
  /^(customers? (also|who)|(people|others) (also|who)|frequently bought|you (may|might) also|related (products|items|stories|articles|posts|topics)|similar (products|items|topics|threads)|recommended (for you|products)|recently viewed|more (products|stories)|most (read|viewed)|trending|sponsored)\b/i

/** Under or in a story they head others; on a page of parts they may head its own. */
const otherStories =
  /^(latest|more (on|from|in|news|like|about|to)|read (more|next|also|on)|also read|up next|popular|top stories|editors?[’']?s? picks?|don[’']t miss|in other news|around the web|from around|from the web|discover more|what to read|keep reading|in this (section|series)|elsewhere)\b/i

/** Links to other products and stories under a heading that says so: what a site offers, not what a page is. */
export function removeOffers(root: Root, signs: PageSigns): void {
  const isOffer = (said: string) =>
    offers.test(said) || (signs === 'article' && otherStories.test(said))
  const heads = (node: Element) => /^h[2-6]$/.test(node.tagName) && isOffer(lineOf(node))
  if (!findElement(root, heads)) return
  replaceElements(root, (node) => {
    if (!isElement(node, 'div', 'section', 'aside')) return undefined
    const heading = node.children.find((child) => lineOf(child) !== '')
    const said = isElement(heading) && isHeading(heading) ? lineOf(heading) : ''
    if (!isOffer(said) || findElement(node, (child) => isElement(child, 'h1'))) return undefined
    const linked = findElements(node, (child) => isElement(child, 'a'))
      .map(lineOf)
      .join('').length
    return linked > (lineOf(node).length - said.length) * (signs === 'article' ? 0.2 : 0.4)
      ? []
      : undefined
  })
}

const isHeading = (node: Element): boolean =>
  /^h[2-6]$/.test(node.tagName) ||
  (isElement(node, 'div', 'header') &&
    node.children.filter((child) => isElement(child)).length === 1 &&
    node.children.some((child) => isElement(child) && /^h[2-6]$/.test(child.tagName)))

const action =
  /^(add to (cart|basket|bag|wish ?list|compare)|buy now|quick view|reply|quote|report( post)?|share|permalink|flag|upvote|downvote|follow|top)$/i

const pageTurn =
  /^[«‹←<]?\s*(next|prev(ious)?)\b(\s*[:»›→←‹«>-]|\s+(page|chapter|section|topic)\b|$)/i

/** Buttons and links that do something or turn the page: nothing to read. */
export const isAction = (node: Element): boolean => {
  if (!isElement(node, 'a', 'button')) return false
  const line = lineOf(node)
  return action.test(line) || pageTurn.test(line) || /\b(next|prev)\b/.test(attribute(node, 'rel'))
}

/** Under an article they are what readers said of it; on a page without one they are the page. */
export const isComments = (node: Element, signs: PageSigns): boolean =>
  isNamedComments(node) &&
  ((signs === 'article' && !hasOwnHeading(node)) ||
    findElement(node, (child) => isReply(child, node)) !== undefined)

/** A section about comments or responses has no comments in it, and nowhere to write one. */
const isReply = (child: Element, node: Element): boolean =>
  child !== node && (isNamedComments(child) || isElement(child, 'textarea', 'time'))

const isNamedComments = (node: Element): boolean =>
  !/^h[1-6]$/.test(node.tagName) &&
  /(^|[\s_-])(comments?|commentlist|respond|disqus\w*|responses|replies)([\s_-]|$)/i.test(
    nameOf(node),
  )

/** A name in one word is also its last part: `articleComments` are comments. */
const nameOf = (node: Element): string =>
  `${attribute(node, 'id')} ${attribute(node, 'className')}`.replace(
    /[a-z]([A-Z][a-z]+)(?![\w-])/g,
    '$& $1',
  )
