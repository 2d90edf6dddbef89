import type { Element } from 'hast'
import { attribute, isElement } from './html-tree.ts'
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
  const only = signs === 'article' ? onlyArticle(place, counts) : undefined
  if (only) return only
  const bounds = signs === 'article' ? path.findLast(isArticleBounds) : body
  const main = signs === 'article' ? undefined : path.find(isMain)
  if (main) place = main
  for (const wider of path.slice(0, -1).toReversed()) {
    if (!bounds || path.indexOf(wider) < path.indexOf(bounds)) break
    if (hasMuchMore(wordsOf(counts, wider), wordsOf(counts, place))) place = wider
  }
  return signs !== 'article' && isIndex(body, place, counts) ? body : place
}

/** The one element of a place that calls itself an article and is one; beside it stand teasers and offers. */
function onlyArticle(place: Element, counts: TreeWords): Element | undefined {
  const chosen = wordsOf(counts, place).chosen * 0.25
  const articles: Element[] = []
  const look = (node: Element) => {
    if (isElement(node, 'article')) articles.push(node)
    else for (const child of node.children) if (isElement(child)) look(child)
  }
  for (const child of place.children) if (isElement(child)) look(child)
  const large = articles.filter((node) => {
    const words = wordsOf(counts, node)
    return words.prose > 100 && words.chosen > chosen
  })
  return large.length === 1 ? large[0] : undefined
}

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
    attribute(node, 'className'),
  )
