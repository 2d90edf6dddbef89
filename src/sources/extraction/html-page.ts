import type { Root } from 'hast'
import { SourceFailure } from '../source-failure.ts'
import { looksLikeShell, shellWordsMax } from './application-shell.ts'
import type { Converted } from './converted.ts'
import { treeToMarkdown } from './html-to-markdown.ts'
import { attribute, findElement, isElement } from './html-tree.ts'
import { placeLateParts } from './late-parts.ts'
import { limitDepth } from './limit-depth.ts'
import { type MainContent, mainContent } from './main-content.ts'
import { markdownAlternate } from './markdown-alternate.ts'
import { removeOffers } from './page-chrome.ts'
import { pageFacts } from './page-facts.ts'
import { pageRefresh } from './page-refresh.ts'
import { type PageSigns, pageSigns } from './page-signs.ts'
import { parsePage } from './parse-html.ts'
import { standardiseCode } from './prepare/code.ts'
import { revealLazyImages } from './prepare/images.ts'
import { absoluteUrl } from './prepare/links.ts'
import { standardiseMath } from './prepare/math.ts'
import { findWrittenMath } from './prepare/written-math.ts'
import { isProductPage, removeShopFurniture } from './shop-furniture.ts'
import { removeUnseen } from './unseen.ts'
import { wordCount } from './word-count.ts'

/** A web page as the Markdown of its main content. Throws NEEDS_JAVASCRIPT and EMPTY. */
export function htmlPage(html: string, url: string): Converted {
  const root = parsePage(html)
  limitDepth(root)
  const { isWhole } = placeLateParts(root)
  const base = baseOf(root, url)
  const { title, ...facts } = pageFacts(root, base)
  const shell = !isWhole && looksLikeShell(root)
  const movedTo = pageRefresh(root, base)
  const markdownAt = markdownAlternate(root, base, url)
  const signs = pageSigns(root, url)
  prepare(root, signs)
  const found = mainContent(root, signs)
  const markdown = treeToMarkdown(found.content, base)
  const words = wordCount(markdown)
  if (movedTo !== '' && words < shellWordsMax) {
    return { title, facts, markdown, notes: [], movedTo }
  }
  if (shell && words < shellWordsMax) throw new SourceFailure('NEEDS_JAVASCRIPT')
  if (words === 0) throw new SourceFailure('EMPTY')
  const page = { title, facts, markdown, notes: [contentNote(found)] }
  return markdownAt === '' ? page : { ...page, markdownAt }
}

function baseOf(root: Root, url: string): string {
  const tag = findElement(root, (node) => isElement(node, 'base') && attribute(node, 'href') !== '')
  return (tag && absoluteUrl(attribute(tag, 'href'), url)) || url
}

/** Formulas, code and images in one form each, while all of their markup is there; then only what is seen. */
function prepare(root: Root, signs: PageSigns): void {
  findWrittenMath(root)
  standardiseMath(root)
  standardiseCode(root)
  revealLazyImages(root)
  removeOffers(root, signs)
  if (signs === 'none' && isProductPage(root)) removeShopFurniture(root)
  removeUnseen(root)
}

const sayings: Record<MainContent['by'], string> = {
  article: 'Main content found where Readability sees the article.',
  page: 'No article could be told apart: the page without what surrounds its content.',
  list: 'The page is a list of items, taken as it stands.',
  body: 'The whole page was taken; no main content could be told apart.',
}

const contentNote = (found: MainContent): string => sayings[found.by]
