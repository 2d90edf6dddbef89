import { setImmediate } from 'node:timers/promises'
import remarkGfm from 'remark-gfm'
import remarkMath from 'remark-math'
import remarkParse from 'remark-parse'
import { unified } from 'unified'
import { parsePage } from '../src/sources/extraction/parse-html.ts'
import { labelRegion } from './fidelity/label-region.ts'
import { type Parts, partsOfMarkdown, partsOfPage } from './fidelity/parts.ts'
import { type LabelledPage, pageSets } from './quality/labelled-pages.ts'
import { type PageVariant, pageVariants } from './sources/page-variants.ts'

const reader = unified().use(remarkParse).use(remarkGfm).use(remarkMath).freeze()

/**
 * What becomes of headings, code, tables, lists, links, images and formulas of labelled pages, beside their
 * words: how many there are in the region that holds the label, how many are lost, how many changed.
 */
export async function* fidelity(folder?: string): AsyncGenerator<object> {
  if (folder === undefined) throw new Error('name a folder of pages: npm run bench -- fidelity DIR')
  for await (const { set, pages } of pageSets(folder)) {
    for (const [variant, create] of Object.entries(pageVariants)) {
      yield {
        bench: 'fidelity',
        set,
        variant,
        pages: pages.length,
        ...(await counted(pages, create())),
      }
    }
  }
}

type Counts = Record<string, number>

async function counted(pages: readonly LabelledPage[], convert: PageVariant): Promise<Counts> {
  const total: Counts = {}
  for (const { html, expected, url } of pages) {
    const region = labelRegion(parsePage(html), expected)
    if (!region) continue
    const markdown = await convert(html, url).catch(() => '')
    const counts = compared(
      partsOfPage(region, expected, url),
      partsOfMarkdown(reader.parse(markdown)),
    )
    for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count
    await setImmediate()
  }
  return total
}

/** Repeated links and headings count once for each time that the page has them. */
function compared(page: Parts, found: Parts): Counts {
  const texts = (parts: readonly { text: string }[]) => new Set(parts.map(({ text }) => text))
  const addresses = (parts: readonly { url: string }[]) =>
    new Set(parts.map(({ url }) => bare(url)))
  const lost = <T>(parts: readonly T[], key: (part: T) => string, there: ReadonlySet<string>) =>
    parts.filter((part) => !there.has(key(part))).length
  const byText = ({ text }: { text: string }) => text
  const headings = new Map(found.headings.map(({ text, level }) => [text, level]))
  const code = new Map(found.code.map((block) => [block.text, block]))
  // Numbers before lines are in the page's text of a block, and signs for a mouse in that of a heading.
  const codeTexts = new Set(found.code.map(lettersOf))
  const headingTexts = [...headings.keys()].filter((text) => text !== '')
  const isThere = ({ text }: { text: string }) =>
    headingTexts.some((found) => text.startsWith(found))
  const known = page.code.filter(({ text }) => code.has(text))
  return {
    headings: page.headings.length,
    headings_lost: page.headings.filter((heading) => !isThere(heading)).length,
    levels_changed: page.headings.filter(
      ({ text, level }) => headings.has(text) && headings.get(text) !== level,
    ).length,
    code: page.code.length,
    code_lost: lost(page.code, lettersOf, codeTexts),
    code_spaced_otherwise: known.filter(
      ({ text, value }) => lines(value) !== lines(code.get(text)?.value ?? ''),
    ).length,
    languages_lost: known.filter(
      ({ text, language }) => language !== '' && code.get(text)?.language === '',
    ).length,
    tables: page.tables.length,
    tables_lost: lost(page.tables, byText, texts(found.tables)),
    nested_items: page.nested.length,
    nested_items_lost: lost(page.nested, byText, texts(found.nested)),
    links: page.links.length,
    links_lost: lost(page.links, ({ url }) => bare(url), addresses(found.links)),
    links_relative: found.links.filter(({ url }) => !/^[a-z]+:/i.test(url)).length,
    images: page.images.length,
    images_lost: lost(page.images, ({ url }) => bare(url), addresses(found.images)),
    formulas: page.formulas,
    formulas_lost: Math.max(0, page.formulas - found.formulas),
  }
}

const lettersOf = ({ text }: { text: string }): string => text.replace(/\p{N}/gu, '') || text

/** Ways of writing one address. */
const bare = (url: string): string => (URL.canParse(url) ? new URL(url).href : url)

const lines = (code: string): string =>
  code
    .replaceAll('\u00a0', ' ')
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/^\n+|\n+$/g, '')
