import type { Root } from 'hast'
import { visibleLine } from '../../visible-text.ts'
import type { SourceFacts } from '../source.ts'
import { attribute, findElement, findElements, isElement, lineOf } from './html-tree.ts'
import { linkedData } from './linked-data.ts'
import { absoluteUrl } from './prepare/links.ts'

export interface PageFacts extends SourceFacts {
  title: string
}

const factMax = 300

/** What a page says of itself in its head; nothing of it is trusted further than a label. */
export function pageFacts(root: Root, base: string): PageFacts {
  const meta = metaTags(root)
  const data = linkedData(root)
  const named = (...names: string[]) => names.map((name) => meta.get(name)).find(Boolean)
  const html = findElement(root, (node) => isElement(node, 'html'))
  const heading = findElement(root, (node) => isElement(node, 'h1'))
  const titleTag = findElement(root, (node) => isElement(node, 'title'))
  const site = named('og:site_name', 'application-name')
  return {
    title: tidy(
      named('og:title', 'twitter:title', 'citation_title', 'dc.title') ||
        withoutSite(titleTag ? lineOf(titleTag) : '', site) ||
        (heading ? lineOf(heading) : ''),
    ),
    ...present(
      'author',
      named('author', 'article:author', 'citation_author', 'dc.creator', 'parsely-author') ??
        data.author,
    ),
    ...present('site', site ?? data.site),
    ...present(
      'publishedAt',
      dateOf(
        named(
          'article:published_time',
          'citation_publication_date',
          'date',
          'dc.date',
          'parsely-pub-date',
          'og:published_time',
        ) ??
          data.publishedAt ??
          timeTag(root),
      ),
    ),
    ...present('language', languageOf(html ? attribute(html, 'lang') : '', named('og:locale'))),
    ...present('canonicalUrl', canonicalOf(root, base) || absoluteUrl(named('og:url') ?? '', base)),
  }
}

const tidy = (value: string): string => visibleLine(value, factMax)

/** One fact if there is anything to say. */
const present = <K extends string>(name: K, value: string | undefined): { [key in K]?: string } => {
  const clean = tidy(value ?? '')
  return (clean === '' ? {} : { [name]: clean }) as { [key in K]?: string }
}

function metaTags(root: Root): Map<string, string> {
  const found = new Map<string, string>()
  for (const tag of findElements(root, (node) => isElement(node, 'meta'))) {
    const name = (
      attribute(tag, 'property') ||
      attribute(tag, 'name') ||
      attribute(tag, 'itemProp')
    ).toLowerCase()
    const content = attribute(tag, 'content').trim()
    if (name && content && !found.has(name)) found.set(name, content)
  }
  return found
}

/** "Page title - Site" is the page's title and the site's name. */
function withoutSite(title: string, site: string | undefined): string {
  if (!site || title === site) return title
  const end = title.slice(-site.length)
  const rest = title.slice(0, -site.length)
  return end === site && /\s[-–—|·:•]\s*$/.test(rest) ? rest.replace(/\s[-–—|·:•]\s*$/, '') : title
}

function timeTag(root: Root): string | undefined {
  const tag = findElement(
    root,
    (node) => isElement(node, 'time') && attribute(node, 'dateTime') !== '',
  )
  return tag && attribute(tag, 'dateTime')
}

/** A date in ISO form; what is no date is left out. A date without a time stays one. */
function dateOf(value: string | undefined): string | undefined {
  const date = /^(\d{4})[-/](\d{2})[-/](\d{2})$/.exec(value?.trim() ?? '')
  if (date) return date.slice(1).join('-')
  const at = Date.parse(value ?? '')
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

function languageOf(...candidates: (string | undefined)[]): string | undefined {
  for (const candidate of candidates) {
    const tag = (candidate ?? '').trim().replace('_', '-')
    if (/^[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$/i.test(tag)) return tag
  }
  return undefined
}

function canonicalOf(root: Root, base: string): string {
  const link = findElement(
    root,
    (node) => isElement(node, 'link') && /(^|\s)canonical(\s|$)/.test(attribute(node, 'rel')),
  )
  return link ? absoluteUrl(attribute(link, 'href'), base) : ''
}
