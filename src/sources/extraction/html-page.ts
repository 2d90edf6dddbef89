import type { Root } from 'hast'
import { toHtml } from 'hast-util-to-html'
import rehypeParse from 'rehype-parse'
import { unified } from 'unified'
import { SourceFailure } from '../source-failure.ts'
import { looksLikeShell, shellWordsMax } from './application-shell.ts'
import type { Converted } from './converted.ts'
import { htmlToMarkdown } from './html-to-markdown.ts'
import { attribute, findElement, isElement, replaceElements } from './html-tree.ts'
import { limitDepth } from './limit-depth.ts'
import { type MainContent, mainContent } from './main-content.ts'
import { markdownAlternate } from './markdown-alternate.ts'
import { removeOffers } from './page-chrome.ts'
import { dateOf, type PageFacts, pageFacts, present } from './page-facts.ts'
import { pageRefresh } from './page-refresh.ts'
import { standardiseCode } from './prepare/code.ts'
import { revealLazyImages } from './prepare/images.ts'
import { absoluteUrl } from './prepare/links.ts'
import { guardLists } from './prepare/lists.ts'
import { standardiseMath } from './prepare/math.ts'
import { recordList } from './record-list.ts'
import { wordCount } from './word-count.ts'

/** A web page as the Markdown of its main content. Throws NEEDS_JAVASCRIPT and EMPTY. */
export async function htmlPage(html: string, url: string): Promise<Converted> {
  const root = unified().use(rehypeParse).parse(html)
  limitDepth(root)
  const base = baseOf(root, url)
  const facts = pageFacts(root, base)
  const shell = looksLikeShell(root)
  const movedTo = pageRefresh(root, base)
  const markdownAt = markdownAlternate(root, base, url)
  const whole = readable(root)
  const found = await mainContent(whole, url, recordList(root))
  const markdown = htmlToMarkdown(found.html, base)
  const words = wordCount(markdown)
  if (movedTo !== '' && words < shellWordsMax) {
    return { ...described(facts, found), markdown, notes: [], movedTo }
  }
  if (shell && words < shellWordsMax) throw new SourceFailure('NEEDS_JAVASCRIPT')
  if (words === 0) throw new SourceFailure('EMPTY')
  const page = { ...described(facts, found), markdown, notes: [contentNote(found)] }
  return markdownAt === '' ? page : { ...page, markdownAt }
}

function baseOf(root: Root, url: string): string {
  const tag = findElement(root, (node) => isElement(node, 'base') && attribute(node, 'href') !== '')
  return (tag && absoluteUrl(attribute(tag, 'href'), url)) || url
}

/** The page without what runs, with its formulas, code and images in the forms both extractors keep. */
function readable(root: Root): string {
  standardiseMath(root)
  standardiseCode(root)
  revealLazyImages(root)
  removeOffers(root)
  guardLists(root)
  replaceElements(root, (node) =>
    isElement(node, 'script', 'style', 'template', 'noscript', 'link') ? [] : undefined,
  )
  return `<!doctype html>${toHtml(root)}`
}

function described(facts: PageFacts, found: MainContent): Pick<Converted, 'title' | 'facts'> {
  const { title, ...own } = facts
  const guessed = {
    ...present('author', found.author),
    ...present('site', found.site),
    ...present('publishedAt', dateOf(found.publishedAt)),
  }
  return { title: title || found.title.slice(0, 300), facts: { ...guessed, ...own } }
}

const sayings: Record<MainContent['by'], string> = {
  defuddle: 'Main content found by Defuddle.',
  readability: 'Main content found by Readability, which kept far more of the text than Defuddle.',
  list: 'The page is a list of items, taken as it stands: the extractors lost part of it.',
  'main-element': 'Main content is the page’s main element; no extractor found an article.',
  body: 'The whole page was taken; no main content could be told apart.',
}

const contentNote = (found: MainContent): string => sayings[found.by]
