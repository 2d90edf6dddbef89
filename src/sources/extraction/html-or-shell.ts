import { SourceFailure } from '../source-failure.ts'
import type { Converted } from './converted.ts'
import { htmlPage } from './html-page.ts'
import { limitDepth } from './limit-depth.ts'
import { markdownAlternate } from './markdown-alternate.ts'
import { pageFacts } from './page-facts.ts'
import { parsePage } from './parse-html.ts'

/**
 * A web page as Markdown, or what the shell of one says of itself: a page that needs its scripts may still
 * stand as Markdown beside itself.
 */
export function htmlOrShell(html: string, url: string): Converted {
  try {
    return htmlPage(html, url)
  } catch (error) {
    if (!(error instanceof SourceFailure)) throw error
    if (error.reason !== 'NEEDS_JAVASCRIPT' && error.reason !== 'EMPTY') throw error
    const root = parsePage(html)
    limitDepth(root)
    const { title, ...facts } = pageFacts(root, url)
    const markdownAt = markdownAlternate(root, url, url) || markdownBeside(url)
    const shell = { title, markdown: '', facts, notes: [], unreadable: error.reason }
    return markdownAt ? { ...shell, markdownAt } : shell
  }
}

/** Where documentation sites put the Markdown of a page by custom; '' for an address that names a file. */
function markdownBeside(url: string): string {
  const { origin, pathname } = new URL(url)
  if (pathname.endsWith('/')) return `${origin}${pathname}index.md`
  return /\.(?!html?$)\w{1,8}$/i.test(pathname)
    ? ''
    : `${origin}${pathname.replace(/\.html?$/i, '')}.md`
}
