import type { Element } from 'hast'
import { consentLayers } from './consent.ts'
import { attribute, findElement, isElement, pruned, standsInText } from './html-tree.ts'
import { hasOwnHeading } from './layout-names.ts'
import { isAction, isChrome, isComments, isPromise } from './page-chrome.ts'
import type { PageSigns } from './page-signs.ts'
import { postFurniture } from './post-furniture.ts'
import { isBeforeTitle } from './record-list.ts'
import { type TreeWords, type Words, wordsOf } from './tree-words.ts'

/** The page without what surrounds content on any page; without its comments where it has a text of its own. */
export function pageContent(body: Element, counts: TreeWords, signs: PageSigns): Element {
  const { all } = wordsOf(counts, body)
  const dropsComments = hasOwnText(body, counts, signs)
  const inside = partsOfContent(body)
  const asking = consentLayers(body, counts)
  const repeated = signs === 'discussion' ? postFurniture(body, counts) : new Set<Element>()
  return pruned(body, (node, parent) => {
    if (isElement(node, 'select') || isAction(node)) return !standsInText(node, parent)
    if (asking.has(node) || repeated.has(node)) return true
    const words = wordsOf(counts, node)
    const inContent = inside.has(node)
    if (isChrome(node, words, inContent) || isWrapping(node, words, inContent)) {
      if (signs !== 'article' && isPromise(node) && words.prose > words.linked * 2) return false
      // A page may stand in one form, or in a wrapper with an unlucky name.
      return words.all <= all * 0.4 && !findElement(node, isTitle)
    }
    return dropsComments && isComments(node, signs)
  })
}

/** A header or form of the page, not one of a section: that has a heading, or explains what it asks. */
function isWrapping(node: Element, words: Words, inContent: boolean): boolean {
  if (isElement(node, 'header')) {
    return !inContent || (words.linked > words.all * 0.8 && !findElement(node, isHeading))
  }
  return isElement(node, 'form') && !(inContent && words.told >= 8 && !findElement(node, asksWho))
}

/** A field for the reader's address or own words: what stands around it asks for them. */
const asksWho = (node: Element): boolean =>
  isElement(node, 'textarea') ||
  (isElement(node, 'input') && /^(email|tel|password|search)$/.test(attribute(node, 'type')))

/** Everything within what a page calls its main part or an article. */
function partsOfContent(body: Element): Set<Element> {
  const inside = new Set<Element>()
  const look = (node: Element, inContent: boolean) => {
    if (inContent) inside.add(node)
    const isContent =
      inContent || isElement(node, 'main', 'article') || attribute(node, 'role') === 'main'
    for (const child of node.children) if (isElement(child)) look(child, isContent)
  }
  look(body, false)
  return inside
}

/** Under an article comments are what readers said of it; on a page with hardly another text they are the page. */
function hasOwnText(body: Element, counts: TreeWords, signs: PageSigns): boolean {
  if (signs === 'discussion') return false
  const { all } = wordsOf(counts, body)
  let own = 0
  let said = 0
  const look = (node: Element) => {
    const words = wordsOf(counts, node)
    if (isComments(node, signs)) said += words.all
    else if (!isChrome(node, words, true) || words.all > all * 0.4) {
      const inside = node.children.filter((child) => isElement(child))
      own += words.prose - inside.reduce((sum, child) => sum + wordsOf(counts, child).prose, 0)
      for (const child of inside) look(child)
    }
  }
  look(body)
  return own > 300 || (own > 80 && (signs === 'article' || own > said * 0.1))
}

const isTitle = (node: Element): boolean => isElement(node, 'h1')

/** An article without what Readability left of it for good reasons: blocks of links, and who wrote it when. */
export function articleContent(place: Element, counts: TreeWords, signs: PageSigns): Element {
  const { chosen } = wordsOf(counts, place)
  const contents = signs === 'article' ? undefined : contentsBeside(place, counts)
  const isLeft = (node: Element): boolean => {
    const words = wordsOf(counts, node)
    if (node === contents) return true
    if (words.chosen > 0 || words.all < 2) return false
    if (signs !== 'article') {
      return isList(node) && words.linked > words.all * 0.8 && words.all < chosen * 0.3
    }
    if (words.all < 30 && isByline(node)) return true
    if (isHeading(node) && leadsHere(node)) return false
    return isBlock(node) && words.linked > words.all * 0.5 && words.all < chosen
  }
  const gone = new Set<Element>()
  const look = (parent: Element) => {
    let isNextGone = false
    for (const child of parent.children.toReversed()) {
      const words = wordsOf(counts, child)
      if (child.type !== 'element' || words.all === 0) continue
      // With its list goes the heading above it.
      isNextGone = isLeft(child) || (isNextGone && words.chosen === 0 && isHeading(child))
      if (isNextGone) gone.add(child)
      else if (!isGroup(child, parent)) look(child)
    }
  }
  look(place)
  return pruned(place, (node) => gone.has(node))
}

/** Links alone, many of them, before the heading that the text stands under. */
function contentsBeside(place: Element, counts: TreeWords): Element | undefined {
  const isLinks = (node: Element) => {
    const { all, linked } = wordsOf(counts, node)
    return isElement(node, 'div', 'ul', 'ol', 'section') && all >= 20 && linked > all * 0.95
  }
  const links = findElement(place, (node) => node !== place && isLinks(node))
  return links && isBeforeTitle(place, links) ? links : undefined
}

/** A list under its own heading, and more such beside it: what a page of groups consists of. */
const isGroup = (node: Element, parent: Element): boolean =>
  hasOwnHeading(node) &&
  parent.children.filter((twin) => isElement(twin, node.tagName) && hasOwnHeading(twin)).length > 2

const isByline = (node: Element): boolean =>
  /byline|author|dateline|timestamp|posted-on|(entry|post|article)-?(meta|info)/i.test(
    `${attribute(node, 'id')} ${attribute(node, 'className')}`,
  )

const isList = (node: Element): boolean => isElement(node, 'ul', 'ol', 'p')

const isHeading = (node: Element): boolean => /^h[2-6]$/.test(node.tagName)

/** A heading that is a link to itself heads what it stands over. */
const leadsHere = (heading: Element): boolean => {
  const link = findElement(heading, (node) => isElement(node, 'a'))
  return link !== undefined && attribute(link, 'href').startsWith('#')
}

const isBlock = (node: Element): boolean =>
  isHeading(node) || isElement(node, 'div', 'section', 'ul', 'ol', 'dl', 'p', 'table', 'figure')
