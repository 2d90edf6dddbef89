import type { Element, Nodes, Parents, Text } from 'hast'
import { isElement } from './html-tree.ts'
import { wordCount } from './word-count.ts'

export interface Words {
  all: number
  /** Inside links. */
  linked: number
  /** Chosen as the article's. */
  chosen: number
  /** Linked ones that it begins with. */
  lead: number
  /** Outside links, and not of teasers: small parts that begin with a link to what they tell of. */
  prose: number
  /** The part of the prose that is written in pieces long enough for a sentence. */
  told: number
}

export type TreeWords = ReadonlyMap<Nodes, Words>

/** The words of every part of a tree, counted once. */
export function treeWords(root: Parents, chosen: ReadonlySet<Text> = new Set()): TreeWords {
  const counts = new Map<Nodes, Words>()
  const count = (node: Nodes, linked: boolean): Words => {
    let words = none
    if (node.type === 'text') {
      const all = wordCount(node.value)
      const inLink = linked ? all : 0
      words = {
        all,
        linked: inLink,
        chosen: chosen.has(node) ? all : 0,
        lead: inLink,
        prose: all - inLink,
        told: all >= sentenceMin ? all - inLink : 0,
      }
    } else if ('children' in node) {
      const inLink = linked || isElement(node, 'a')
      words = node.children.reduce((sum, child) => joined(sum, count(child, inLink)), none)
      if (isElement(node) && isTeaser(node, words)) words = { ...words, prose: 0 }
    }
    counts.set(node, words)
    return words
  }
  count(root, false)
  return counts
}

/** "Back up before the upgrade." */
const sentenceMin = 5

const none: Words = { all: 0, linked: 0, chosen: 0, lead: 0, prose: 0, told: 0 }

const joined = (a: Words, b: Words): Words => ({
  all: a.all + b.all,
  linked: a.linked + b.linked,
  chosen: a.chosen + b.chosen,
  lead: a.lead === a.all ? a.lead + b.lead : a.lead,
  prose: a.prose + b.prose,
  told: a.told + b.told,
})

const isTeaser = (node: Element, words: Words): boolean =>
  words.lead >= 3 &&
  words.all <= 80 &&
  isElement(node, 'div', 'li', 'article', 'section', 'td', 'dd')

export const wordsOf = (counts: TreeWords, node: Nodes): Words => counts.get(node) ?? none
