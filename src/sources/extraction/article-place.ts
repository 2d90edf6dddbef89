import type { Element } from 'hast'
import { attribute, findElement, isElement } from './html-tree.ts'
import type { PageSigns } from './page-signs.ts'
import { type TreeWords, type Words, wordsOf } from './tree-words.ts'

const places = ['div', 'main', 'article', 'section', 'td', 'form', 'center', 'tr', 'tbody', 'table']

/**
 * The part of the page where the article is: the smallest one that holds nearly all that was chosen, or a
 * larger one when that has much more to read. In a page that says it is an article, only up to its bounds:
 * beyond them stand other articles.
 */
export function articlePlace(body: Element, counts: TreeWords, signs: PageSigns): Element {
  const path = pathToChosen(body, counts)
  let place = path.at(-1) ?? body
  const only = signs === 'discussion' ? undefined : onlyArticle(place, counts, signs)
  if (only) return only
  const bounds = signs === 'article' ? path.findLast(isArticleBounds) : body
  const main = signs === 'article' ? undefined : path.find(isMain)
  if (main) place = main
  for (const wider of path.slice(0, -1).toReversed()) {
    if (!bounds || path.indexOf(wider) < path.indexOf(bounds)) break
    if (hasMuchMore(wordsOf(counts, wider), wordsOf(counts, place))) place = wider
  }
  if (signs === 'article') return place
  if (isIndex(body, place, counts)) return body
  return signs === 'discussion' ? place : underTitle(path, place, counts)
}

/** The one part of a place that calls itself the article and is it; beside it stand teasers and offers. */
function onlyArticle(place: Element, counts: TreeWords, signs: PageSigns): Element | undefined {
  const { chosen, prose } = wordsOf(counts, place)
  const parts: Element[] = []
  const look = (node: Element) => {
    if (isArticleBounds(node)) parts.push(node)
    else for (const child of node.children) if (isElement(child)) look(child)
  }
  for (const child of place.children) if (isElement(child)) look(child)
  const large = parts.filter((node) => {
    const words = wordsOf(counts, node)
    return words.prose > 100 && words.chosen > chosen * 0.25
  })
  const [only] = large
  if (!only || large.length > 1) return undefined
  // Its first lines may stand in a part of their own.
  const alike = parts.filter((node) => isAlike(node, only) && wordsOf(counts, node).chosen > 0)
  if (alike.length > 1) return undefined
  // Where a body is but the beginning, a recipe or a review may follow.
  const isMost = wordsOf(counts, only).prose > prose * 0.5
  return (signs === 'article' && isElement(only, 'article')) || isMost ? only : undefined
}

/** Where a page's heading stands beside its text with lists between them, the lists are what it heads. */
function underTitle(path: readonly Element[], place: Element, counts: TreeWords): Element {
  if (findElement(place, isTitle)) return place
  const wider = path.findLast((node) => findElement(node, isTitle))
  if (!wider || isElement(wider, 'body')) return place
  const { all, linked } = wordsOf(counts, place)
  const around = wordsOf(counts, wider)
  const more = around.all - all
  return more > 10 && more < all * 2 && around.linked - linked > more * 0.5 ? wider : place
}

const isTitle = (node: Element): boolean => isElement(node, 'h1')

const isAlike = (a: Element, b: Element): boolean =>
  a.tagName === b.tagName && attribute(a, 'className') === attribute(b, 'className')

function hasMuchMore(wider: Words, place: Words): boolean {
  const prose = wider.prose - place.prose
  return prose > place.prose * 0.25 && prose > (wider.linked - place.linked) * 0.5
}

/** A few words over long lists of links: the lists are what the page is for. */
function isIndex(body: Element, place: Element, counts: TreeWords): boolean {
  const { linked } = wordsOf(counts, body)
  const { all } = wordsOf(counts, place)
  if (linked < all * 6 || all > 200) return false
  const inLists = (node: Element): number =>
    isElement(node, 'ul', 'ol', 'dl', 'table')
      ? wordsOf(counts, node).linked
      : node.children.reduce((sum, child) => sum + (isElement(child) ? inLists(child) : 0), 0)
  return inLists(body) > linked * 0.7
}

function pathToChosen(body: Element, counts: TreeWords): Element[] {
  const enough = wordsOf(counts, body).chosen * 0.95
  const path = [body]
  for (;;) {
    const next = path
      .at(-1)
      ?.children.find(
        (child): child is Element =>
          isElement(child, ...places) && wordsOf(counts, child).chosen >= enough,
      )
    if (!next) return path
    path.push(next)
  }
}

const isMain = (node: Element): boolean =>
  isElement(node, 'main') || attribute(node, 'role') === 'main'

const isArticleBounds = (node: Element): boolean =>
  isElement(node, 'article') ||
  attribute(node, 'itemProp') === 'articleBody' ||
  /(^|\s)(entry|post|article|story)[-_]?(content|body|text)(\s|$)/i.test(
    `${attribute(node, 'id')} ${attribute(node, 'className')}`,
  )
