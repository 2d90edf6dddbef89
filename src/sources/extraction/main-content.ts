import type { Element, Root } from 'hast'
import { articlePlace } from './article-place.ts'
import { articleText } from './article-text.ts'
import { element, findElement, isElement, lineOf } from './html-tree.ts'
import { articleContent, pageContent } from './page-content.ts'
import type { PageSigns } from './page-signs.ts'
import { holds, recordList } from './record-list.ts'
import { treeWords, wordsOf } from './tree-words.ts'

export interface MainContent {
  content: Root
  /** How it was found; part of the source's notes. */
  by: 'article' | 'page' | 'list' | 'body'
}

/**
 * Readability says where the article is; what of that place is content, and whether the place is large
 * enough, is decided here. Where the page is a list and items of it were lost, the list is taken.
 */
export function mainContent(root: Root, signs: PageSigns): MainContent {
  const body = findElement(root, (node) => isElement(node, 'body'))
  if (!body) return { content: { type: 'root', children: [] }, by: 'body' }
  const page = pageContent(body, treeWords(body), signs)
  const chosen = articleText(page, titleOf(root))
  const counts = treeWords(page, chosen)
  if (wordsOf(counts, page).all === 0) return found(body, 'body')
  const list = signs === 'article' ? undefined : recordList(page, counts)
  const place = articlePlace(page, counts, signs)
  const content = articleContent(place, counts, signs)
  if (list && !holds(lineOf(content), list)) return found(list.region, 'list')
  const by = wordsOf(counts, place).chosen === 0 ? 'page' : 'article'
  return found(by === 'page' ? page : content, by)
}

const titleOf = (root: Root): string => {
  const title = findElement(root, (node) => isElement(node, 'title'))
  return title ? lineOf(title) : ''
}

const found = (place: Element, by: MainContent['by']): MainContent => ({
  content: {
    type: 'root',
    // Rows mean nothing without their table.
    children: isElement(place, 'table', 'tbody', 'tr') ? [inTable(place)] : place.children,
  },
  by,
})

const inTable = (place: Element): Element =>
  isElement(place, 'table') ? place : element('table', [place])
