import { createRequire } from 'node:module'
import { Readability } from '@mozilla/readability'
import { Defuddle } from 'defuddle/node'
import { parseHTML } from 'linkedom'
import { htmlPage } from '../../src/sources/extraction/html-page.ts'

/** From a page's HTML to Markdown. */
export type PageVariant = (html: string, url: string) => Promise<string>

interface Turndown {
  turndown: (html: string) => string
}

// It comes with Defuddle, which makes its Markdown by it too.
const fromDefuddle = createRequire(createRequire(import.meta.url).resolve('defuddle'))
const TurndownService = fromDefuddle('turndown') as new (options: object) => Turndown

/** What Nova does to a page, and the two ways that most people would take. */
export const pageVariants: Record<string, () => PageVariant> = {
  nova: () => async (html, url) => (await htmlPage(html, url)).markdown,
  'readability + turndown': () => {
    const service = new TurndownService({ headingStyle: 'atx', codeBlockStyle: 'fenced' })
    return async (html) => {
      const { document } = parseHTML(html)
      return service.turndown(new Readability(document).parse()?.content ?? '')
    }
  },
  'defuddle markdown': () => async (html, url) => {
    const { document } = parseHTML(html)
    const options = { useAsync: false, markdown: true }
    return (await Defuddle(document, url, options)).content
  },
}
