import { Readability } from '@mozilla/readability'
import { Defuddle } from 'defuddle/node'
import { toHtml } from 'hast-util-to-html'
import { parseHTML } from 'linkedom'
import rehypeParse from 'rehype-parse'
import { unified } from 'unified'
import { lineOf } from './html-tree.ts'
import { holds, type RecordList } from './record-list.ts'
import { wordCount } from './word-count.ts'

export interface MainContent {
  html: string
  /** Who found it; part of the source's notes. */
  by: 'defuddle' | 'readability' | 'list' | 'main-element' | 'body'
  title: string
  author: string
  site: string
  publishedAt: string
}

/**
 * Defuddle, unless it kept fewer than half of the words Readability kept. Measured on 2,008 labelled pages
 * of seven kinds that beats either alone (0.881 against 0.864 and 0.839 on the held-out pages). Where the page
 * is a list and they lost items of it, the list is taken as it stands.
 */
export async function mainContent(
  html: string,
  url: string,
  list?: RecordList,
): Promise<MainContent> {
  const first = await byDefuddle(html, url)
  const second = byReadability(html)
  const kept = wordCount(textOfHtml(first.html))
  const other = wordCount(textOfHtml(second.html))
  const chosen = other > 0 && kept < other / 2 ? { ...first, ...second } : first
  if (list && !holds(linesOf(chosen.html), list)) {
    return { ...first, html: toHtml(list.region), by: 'list' }
  }
  return wordCount(textOfHtml(chosen.html)) > 0 ? chosen : wholePage(html, first)
}

const linesOf = (html: string): string =>
  lineOf(unified().use(rehypeParse, { fragment: true }).parse(html))

const nothing = { html: '', title: '', author: '', site: '', publishedAt: '' }

async function byDefuddle(html: string, url: string): Promise<MainContent> {
  try {
    const { document } = parseHTML(html)
    // useAsync would let it call third parties on its own, past the guarded fetch.
    const found = await Defuddle(document, url, {
      useAsync: false,
      markdown: false,
      separateMarkdown: false,
    })
    const { content, title, author, site, published } = found
    return { html: content, by: 'defuddle', title, author, site, publishedAt: published }
  } catch {
    return { ...nothing, by: 'defuddle' }
  }
}

function byReadability(html: string): Pick<MainContent, 'html' | 'by'> {
  try {
    const { document } = parseHTML(html)
    const found = new Readability(document, { keepClasses: true, maxElemsToParse: 200_000 }).parse()
    return { html: found?.content ?? '', by: 'readability' }
  } catch {
    return { html: '', by: 'readability' }
  }
}

/** Only when both found nothing: a third opinion loses more than it wins everywhere else. */
function wholePage(html: string, first: MainContent): MainContent {
  const { document } = parseHTML(html)
  for (const node of document.querySelectorAll('nav, header, footer, aside, form, [hidden]'))
    node.remove()
  const main = document.querySelector('main, article, [role="main"]')
  if (main && wordCount(main.textContent ?? '') > 0) {
    return { ...first, html: main.innerHTML, by: 'main-element' }
  }
  const left = document.body?.innerHTML ?? ''
  const isEmpty = wordCount(textOfHtml(left)) === 0
  const body = isEmpty ? (parseHTML(html).document.body?.innerHTML ?? '') : left
  return { ...first, html: body, by: 'body' }
}

const textOfHtml = (html: string): string => html.replace(/<[^>]*>/g, ' ')
