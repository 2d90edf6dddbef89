import type { Element } from 'hast'
import { attribute, classNames, findElement, findElements, isElement, lineOf } from './html-tree.ts'
import { type TreeWords, wordsOf } from './tree-words.ts'

const countMin = 3
const profileWordsMax = 60
const piecesMin = 4
const signatureMin = 12
const signatureWordsMax = 60

interface Place {
  node: Element
  /** Up to the body, nearest first. */
  around: readonly Element[]
}

/**
 * What each post of a discussion repeats: who its author is elsewhere, what can be done with it, and what he
 * signs everything with. Of a profile the name stays.
 */
export function postFurniture(body: Element, counts: TreeWords): Set<Element> {
  const gone = new Set<Element>()
  const shapes = new Map<string, Place[]>()
  const visit = (node: Element, around: readonly Element[]) => {
    for (const child of node.children) {
      if (!isElement(child)) continue
      const shape = shapeOf(child)
      const inside = [node, ...around].slice(0, 3)
      if (shape !== '') {
        const places = shapes.get(shape)
        if (places) places.push({ node: child, around: inside })
        else shapes.set(shape, [{ node: child, around: inside }])
      }
      visit(child, inside)
    }
  }
  visit(body, [])
  for (const places of shapes.values()) {
    if (places.length < countMin) continue
    if (areProfiles(places, counts)) for (const { node } of places) reduce(node, gone)
    else for (const node of signatures(places, counts)) gone.add(node)
  }
  return gone
}

const shapeOf = (node: Element): string =>
  isElement(node, 'div', 'dl', 'ul', 'ol', 'section', 'aside', 'footer', 'td', 'p')
    ? `${node.tagName}.${classNames(node)[0] ?? ''}`
    : ''

/** Pieces without a sentence, with numbers, each beside a text of its own. */
function areProfiles(places: readonly Place[], counts: TreeWords): boolean {
  if (places.some(({ node }) => classNames(node).length === 0 && !isElement(node, 'dl')))
    return false
  const silent = places.filter(({ node }) => {
    const { told, all } = wordsOf(counts, node)
    return told === 0 && all <= profileWordsMax
  })
  if (silent.length < places.length) return false
  const rich = places.filter(
    ({ node }) => /\d/.test(lineOf(node)) && piecesOf(node).length >= piecesMin,
  )
  if (rich.length < places.length * 0.6) return false
  const posts = new Set(
    places
      .map(({ around }) => around.find((node) => wordsOf(counts, node).told > 0))
      .filter(Boolean),
  )
  return posts.size > places.length * 0.6
}

const piecesOf = (node: Element): Element[] =>
  findElements(node, (part) =>
    part.children.some((child) => child.type === 'text' && /[\p{L}\d]/u.test(child.value)),
  )

/** The name is the first thing in a profile that leads somewhere or is set off; dates are of the post. */
function reduce(profile: Element, gone: Set<Element>): void {
  const pieces = piecesOf(profile)
  const name =
    pieces.find(
      (piece) => isElement(piece, 'a', 'b', 'strong', 'h3', 'h4', 'h5') && lineOf(piece).length > 1,
    ) ?? pieces[0]
  for (const piece of pieces) {
    const isKept =
      piece === name ||
      piece === profile ||
      isElement(piece, 'time') ||
      (name && findElement(piece, (node) => node === name))
    if (!isKept) gone.add(piece)
  }
}

/** By their name, or since the same short line stands under several posts, small beside each of them. */
function signatures(places: readonly Place[], counts: TreeWords): Element[] {
  const lines = places.map(({ node, around }) => {
    const { all } = wordsOf(counts, node)
    const post = around.at(-1)
    const isSmall = all <= signatureWordsMax && post && all < wordsOf(counts, post).all * 0.4
    return isSmall && classNames(node).length > 0 ? lineOf(node) : ''
  })
  const times = new Map<string, number>()
  for (const line of lines) {
    if (line.length >= signatureMin) times.set(line, (times.get(line) ?? 0) + 1)
  }
  const isRepeated = (line: string | undefined) => (times.get(line ?? '') ?? 0) > 1
  const areRepeated = lines.filter(isRepeated).length > places.length * 0.5
  return places
    .filter(({ node }, at) => isSignature(node) || (areRepeated && isRepeated(lines[at])))
    .map(({ node }) => node)
}

const isSignature = (node: Element): boolean =>
  /(^|[\s_-])signatures?([\s_-]|$)/i.test(attribute(node, 'className'))
