import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'
import { SourceFailure } from '../source-failure.ts'
import type { Converted } from './converted.ts'
import { htmlToMarkdown } from './html-to-markdown.ts'
import { absoluteUrl } from './prepare/links.ts'

const itemsMax = 50
const itemCharactersMax = 20_000

/** RSS, RDF or Atom by its root element. */
export const isFeed = (xml: string): boolean =>
  /^\s*(?:<\?[^>]*\?>\s*|<!--[\s\S]{0,2000}?-->\s*|<!DOCTYPE[^>]{0,500}>\s*)*<(?:rss|feed|rdf:RDF)[\s>]/i.test(
    xml.slice(0, 5000),
  )

/** Text of an element, with or without attributes. */
const text = z
  .union([
    z.string(),
    z.number().transform(String),
    z.looseObject({ '#text': z.coerce.string() }).transform((value) => value['#text']),
  ])
  .optional()
  .catch(undefined)
const many = <T extends z.ZodType>(schema: T) =>
  z
    .preprocess(
      (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]),
      z.array(schema),
    )
    .catch([])
const link = z
  .union([
    z.string().transform((href) => ({ href, rel: 'alternate' })),
    z
      .looseObject({ '@href': z.string(), '@rel': z.string().default('alternate') })
      .transform((value) => ({ href: value['@href'], rel: value['@rel'] })),
  ])
  .catch({ href: '', rel: '' })
const item = z.looseObject({
  title: text,
  link: many(link),
  pubDate: text,
  published: text,
  updated: text,
  'dc:date': text,
  'content:encoded': text,
  content: text,
  description: text,
  summary: text,
})
const channel = z.looseObject({ title: text, item: many(item), entry: many(item), language: text })
const feed = z.looseObject({
  rss: z.looseObject({ channel }).optional().catch(undefined),
  feed: channel.optional().catch(undefined),
  'rdf:RDF': z
    .looseObject({ channel, item: many(item) })
    .optional()
    .catch(undefined),
})

type Item = z.infer<typeof item>

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  htmlEntities: true,
  parseTagValue: false,
  maxNestedTags: 100,
})

/** A feed as a list of its entries with what they say. */
export function convertFeed(xml: string, url: string): Converted {
  const parsed = parseFeed(xml)
  const source = parsed.rss?.channel ?? parsed.feed ?? parsed['rdf:RDF']?.channel
  if (!source) throw new SourceFailure('EXTRACTION_FAILED', 'not a feed')
  const all = [...source.item, ...source.entry, ...(parsed['rdf:RDF']?.item ?? [])]
  const shown = all.slice(0, itemsMax)
  return {
    title: plain(source.title),
    markdown: shown.map((entry) => entryMarkdown(entry, url)).join('\n'),
    facts: source.language ? { language: source.language } : {},
    notes: [
      `A feed of ${all.length} entries.`,
      ...(all.length > shown.length ? [`Only the first ${itemsMax} are shown.`] : []),
    ],
  }
}

function parseFeed(xml: string): z.infer<typeof feed> {
  try {
    return feed.parse(parser.parse(xml))
  } catch (cause) {
    throw new SourceFailure('EXTRACTION_FAILED', 'not a feed', { cause })
  }
}

/** Built as HTML, so that the one converter escapes what the feed says. */
function entryMarkdown(entry: Item, url: string): string {
  const target =
    entry.link.find(({ rel }) => rel === 'alternate')?.href ?? entry.link[0]?.href ?? ''
  const href = absoluteUrl(target, url)
  const title = escapeHtml(plain(entry.title) || href || 'Untitled')
  const date = entry.pubDate ?? entry.published ?? entry['dc:date'] ?? entry.updated
  const body = entry['content:encoded'] ?? entry.content ?? entry.description ?? entry.summary ?? ''
  const head = href ? `<a href="${escapeHtml(href)}">${title}</a>` : title
  const when = date ? `<p>${escapeHtml(plain(date))}</p>` : ''
  return htmlToMarkdown(
    `<h2>${head}</h2>${when}<div>${body.slice(0, itemCharactersMax)}</div>`,
    href || url,
  )
}

const plain = (value: string | undefined): string =>
  (value ?? '')
    .slice(0, 2_000)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300)

const escapeHtml = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
